// Attacks run against a whole silo on each engine, hundreds of them.
[assembly: AssemblyTrait("Category", "Slow")]
