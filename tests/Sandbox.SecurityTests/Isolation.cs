// Guest memory, threads and modules are counted for the whole process: nothing else may run meanwhile.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
