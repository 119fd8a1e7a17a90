using HeliosEdge.Sandbox.Errors;

namespace HeliosEdge.Sandbox;

/// <summary>
/// The stable codes of everything that can go wrong with a module, a function, an invocation or a request: a row each, from which everything
/// else about it is taken (<see cref="ErrorKind"/>). They are part of the HTTP API: a code never changes its meaning, new ones may be added.
/// </summary>
public static class ErrorCodes
{
    /// <summary>A value in a request is missing, malformed or out of range.</summary>
    [Error(400, "A parameter is not accepted", Again = Retry.Never)]
    public const string InvalidParameter = "invalid_parameter";

    /// <summary>The bytes are no valid module, or the module does not fit the ABI it is registered for.</summary>
    [Error(422, "The module is not accepted", Again = Retry.Never)]
    public const string InvalidModule = "invalid_module";

    /// <summary>The module is larger than the silo accepts.</summary>
    [Error(413, "The module is too large", Again = Retry.Never)]
    public const string ModuleTooLarge = "module_too_large";

    /// <summary>Compiling the module takes more time or memory than it may, or the module is compiled to more code than it may be.</summary>
    [Error(422, "The module takes too much to compile", Again = Retry.Never)]
    public const string CompileLimitExceeded = "compile_limit_exceeded";

    /// <summary>The compiler failed at the module, or its process ended; another try may succeed.</summary>
    [Error(500, "The compiler failed")]
    public const string CompileFailed = "compile_failed";

    /// <summary>The function's module is being compiled still; nothing has begun.</summary>
    [Error(503, "The function's module is being compiled", Again = Retry.NothingHasBegun, RetryAfterSeconds = 1)]
    public const string Compiling = "compiling";

    /// <summary>The module's bytes do not have the SHA-256 that was stated for them.</summary>
    [Error(422, "The module is not the one that was stated", Again = Retry.Never)]
    public const string UntrustedModule = "untrusted_module";

    /// <summary>No module with this hash is stored.</summary>
    [Error(404, "There is no such module")]
    public const string ModuleNotFound = "module_not_found";

    /// <summary>The bytes are no bundle: no ZIP archive of plain files with clean relative paths.</summary>
    [Error(422, "The bundle is not accepted", Again = Retry.Never)]
    public const string InvalidBundle = "invalid_bundle";

    /// <summary>The bundle, or what it unpacks to, is larger than the silo accepts.</summary>
    [Error(413, "The bundle is too large", Again = Retry.Never)]
    public const string BundleTooLarge = "bundle_too_large";

    /// <summary>No bundle with this hash is stored.</summary>
    [Error(404, "There is no such bundle")]
    public const string BundleNotFound = "bundle_not_found";

    /// <summary>No function with this name is registered, or not in this region.</summary>
    [Error(404, "There is no such function", Again = Retry.Never)]
    public const string FunctionNotFound = "function_not_found";

    /// <summary>The function has no version with this number, or none before its current one.</summary>
    [Error(404, "There is no such version", Again = Retry.Never)]
    public const string VersionNotFound = "version_not_found";

    /// <summary>The silo serves no region of this name.</summary>
    [Error(404, "There is no such region", Again = Retry.Never)]
    public const string RegionNotFound = "region_not_found";

    /// <summary>The region cannot be reached now; the invocation has not begun.</summary>
    [Error(503, "The region cannot be reached now", Again = Retry.NothingHasBegun)]
    public const string RegionUnavailable = "region_unavailable";

    /// <summary>The silo that an invocation was passed on to failed or went away; the invocation may have run.</summary>
    [Error(502, "The silo of the region failed")]
    public const string PeerFailed = "peer_failed";

    /// <summary>An invocation has been passed on by too many silos, whose peers must lead in a circle.</summary>
    [Error(508, "The silos pass the call on in a circle")]
    public const string LoopDetected = "loop_detected";

    /// <summary>The payload is larger than the function accepts.</summary>
    [Error(413, "The payload is too large", Again = Retry.Never)]
    public const string PayloadTooLarge = "payload_too_large";

    /// <summary>The guest's response is larger than the function may answer.</summary>
    [Error(502, "The function's response is too large")]
    public const string ResponseTooLarge = "response_too_large";

    /// <summary>The guest returned a pointer or length that does not lie within its linear memory.</summary>
    [Error(502, "The function returned what is no response")]
    public const string CorruptedResponse = "corrupted_response";

    /// <summary>What the guest answered to an HTTP request is no HTTP response in the form of its ABI.</summary>
    [Error(502, "The function gave no HTTP response")]
    public const string InvalidHttpResponse = "invalid_http_response";

    /// <summary>The guest, or the statement, was stopped at its deadline.</summary>
    [Error(504, "The call took too long")]
    public const string Timeout = "timeout";

    /// <summary>Whoever asked for the invocation took it back or went away before it had ended.</summary>
    [Error(499, "The caller took the call back")]
    public const string Cancelled = "cancelled";

    /// <summary>The guest needs more linear memory than it may have.</summary>
    [Error(502, "The function needs more memory than it may have")]
    public const string MemoryLimitExceeded = "memory_limit_exceeded";

    /// <summary>The guest ran more instructions than it may.</summary>
    [Error(502, "The function ran more instructions than it may")]
    public const string FuelExhausted = "fuel_exhausted";

    /// <summary>The guest trapped.</summary>
    [Error(502, "The function trapped")]
    public const string Trap = "trap";

    /// <summary>The guest ended itself with an exit code other than 0.</summary>
    [Error(502, "The function exited with an error")]
    public const string GuestExit = "guest_exit";

    /// <summary>All guest threads are busy and the queue before them is full, or the wait in it was too long.</summary>
    [Error(429, "The silo is too busy", Again = Retry.NothingHasBegun, RetryAfterSeconds = 1)]
    public const string Overloaded = "overloaded";

    /// <summary>The silo is starting or stopping, or something that it needs, such as its storage, cannot be used now.</summary>
    [Error(503, "The silo cannot answer now", RetryAfterSeconds = 1)]
    public const string Unavailable = "unavailable";

    /// <summary>A pointer and length that a guest gave do not lie within its linear memory.</summary>
    [Error(502, "The function pointed outside its memory")]
    public const string OutOfBounds = "out_of_bounds";

    /// <summary>A guest gave address 0 where bytes are expected.</summary>
    [Error(502, "The function gave a null pointer")]
    public const string NullPointer = "null_pointer";

    /// <summary>A pointer is no multiple of its type's alignment.</summary>
    [Error(502, "The function gave a misaligned pointer")]
    public const string Misaligned = "misaligned";

    /// <summary>A string is longer than a host function takes, or than the room that a guest has for it.</summary>
    [Error(502, "The function gave a string that is too large")]
    public const string StringTooLarge = "string_too_large";

    /// <summary>A string that a guest gave is no UTF-8.</summary>
    [Error(502, "The function gave a string that is no UTF-8")]
    public const string InvalidUtf8 = "invalid_utf8";

    /// <summary>The guest exports no memory.</summary>
    [Error(502, "The function exports no memory", Again = Retry.Never)]
    public const string MemoryNotFound = "memory_not_found";

    /// <summary>The guest exports no <c>__wasm_allocate</c> of type <c>(i32) -> (i32)</c>.</summary>
    [Error(502, "The function exports no allocator", Again = Retry.Never)]
    public const string AllocatorNotFound = "allocator_not_found";

    /// <summary>The guest exports no <c>__wasm_deallocate</c> of type <c>(i32, i32) -> ()</c>.</summary>
    [Error(502, "The function exports no deallocator", Again = Retry.Never)]
    public const string DeallocatorNotFound = "deallocator_not_found";

    /// <summary>The guest's allocator had no room.</summary>
    [Error(502, "The function has no room")]
    public const string AllocationFailed = "allocation_failed";

    /// <summary>The guest tried again and again to have the host reach outside its memory, and was ended.</summary>
    [Error(502, "The function was ended for violating its sandbox")]
    public const string SandboxViolation = "sandbox_violation";

    /// <summary>A single allocation on behalf of the host is larger than one may be.</summary>
    [Error(502, "The function allocated too large a block")]
    public const string AllocationTooLarge = "allocation_too_large";

    /// <summary>All live allocations on behalf of the host are larger together than they may be.</summary>
    [Error(502, "The function allocated too much")]
    public const string AllocationTotalExceeded = "allocation_total_exceeded";

    /// <summary>The guest's allocator handed out a block that overlaps one still in use.</summary>
    [Error(502, "The function's allocator handed out memory that is in use")]
    public const string OverlappingAllocation = "overlapping_allocation";

    /// <summary>A block was given back that was never handed out.</summary>
    [Error(502, "The function freed what it had not allocated")]
    public const string UnknownAllocation = "unknown_allocation";

    /// <summary>A block was given back twice.</summary>
    [Error(502, "The function freed a block twice")]
    public const string DoubleFree = "double_free";

    /// <summary>A block was given back with another size than it has.</summary>
    [Error(502, "The function freed a block with the wrong size")]
    public const string AllocationSizeMismatch = "allocation_size_mismatch";

    /// <summary>The module imports, or the guest called, what the function's profile does not grant.</summary>
    [Error(502, "The function needs what its profile does not grant", Again = Retry.Never)]
    public const string CapabilityDenied = "capability_denied";

    /// <summary>The guest called the host more often than it may.</summary>
    [Error(502, "The function called the host too often")]
    public const string HostCallsExceeded = "host_calls_exceeded";

    /// <summary>The guest logged more than it may.</summary>
    [Error(502, "The function logged too much")]
    public const string LogLimitExceeded = "log_limit_exceeded";

    /// <summary>A guest's HTTP request is malformed: its URL, its method, a header, or a header that guests may not set.</summary>
    [Error(502, "The function made an HTTP request that is none")]
    public const string HttpRequestInvalid = "http_request_invalid";

    /// <summary>A guest's HTTP request has a larger body than it may have.</summary>
    [Error(502, "The function made too large an HTTP request")]
    public const string HttpRequestTooLarge = "http_request_too_large";

    /// <summary>A guest's HTTP request, or a redirect on its way, leads to a host that is not on the function's allow-list.</summary>
    [Error(502, "The function requested a host that it may not reach")]
    public const string HttpHostDenied = "http_host_denied";

    /// <summary>The function has as many HTTP requests under way as it may.</summary>
    [Error(502, "The function has too many HTTP requests at once")]
    public const string HttpRequestsExceeded = "http_requests_exceeded";

    /// <summary>The host of a guest's HTTP request has no address that guests may reach.</summary>
    [Error(502, "The function requested an address that it may not reach")]
    public const string HttpAddressDenied = "http_address_denied";

    /// <summary>A guest's HTTP request got no response: no connection, no valid HTTP, or redirects that cannot be followed.</summary>
    [Error(502, "The function's HTTP request failed")]
    public const string HttpFailed = "http_failed";

    /// <summary>The response to a guest's HTTP request is larger than it may be.</summary>
    [Error(502, "The function was sent too large an HTTP response")]
    public const string HttpResponseTooLarge = "http_response_too_large";

    /// <summary>No such route.</summary>
    [Error(404, "There is no such route", Again = Retry.Never)]
    public const string NotFound = "not_found";

    /// <summary>The route exists, but not for this method.</summary>
    [Error(405, "The route does not take this method", Again = Retry.Never)]
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>The request is no HTTP, or could be read in two ways.</summary>
    [Error(400, "The request is no HTTP", Again = Retry.Never)]
    public const string MalformedRequest = "malformed_request";

    /// <summary>The body is sent in a way that nobody here undoes.</summary>
    [Error(501, "The request uses what is not implemented", Again = Retry.Never)]
    public const string NotImplemented = "not_implemented";

    /// <summary>The body is of a type that the route does not take.</summary>
    [Error(415, "The route does not take such a body", Again = Retry.Never)]
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>Nobody is known to have sent the request: no key, or none that is good.</summary>
    [Error(401, "The caller is not known")]
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller does not have the scope that this needs, or a function chooses an engine that the operator does not allow.</summary>
    [Error(403, "The caller may not do this")]
    public const string Forbidden = "forbidden";

    /// <summary>A browser sends the request for another site's page.</summary>
    [Error(403, "Another site's page may not do this", Again = Retry.Never)]
    public const string CrossSiteRequest = "cross_site_request";

    /// <summary>The caller sends more requests than its key may.</summary>
    [Error(429, "The caller sends too many requests")]
    public const string RateLimited = "rate_limited";

    /// <summary>There is no key with this id.</summary>
    [Error(404, "There is no such key", Again = Retry.Never)]
    public const string KeyNotFound = "key_not_found";

    /// <summary>The key is the only one that can make keys.</summary>
    [Error(409, "The last key of an administrator stays", Again = Retry.Never)]
    public const string LastAdminKey = "last_admin_key";

    /// <summary>The request came too slowly.</summary>
    [Error(408, "The request came too slowly")]
    public const string RequestTimeout = "request_timeout";

    /// <summary>A fault in the silo; its log has the rest.</summary>
    [Error(500, "The silo failed")]
    public const string InternalError = "internal_error";

    /// <summary>There is no asynchronous invocation with this id, or it has been forgotten.</summary>
    [Error(404, "There is no such invocation", Again = Retry.Never)]
    public const string InvocationNotFound = "invocation_not_found";

    /// <summary>There is no fan-out with this id, or it has been forgotten.</summary>
    [Error(404, "There is no such fan-out", Again = Retry.Never)]
    public const string FanOutNotFound = "fanout_not_found";

    /// <summary>The invocation has not ended with a response, so there is none to give.</summary>
    [Error(409, "The invocation has no result", Again = Retry.Never)]
    public const string NoResult = "no_result";

    /// <summary>The invocation is not dead, so it cannot be queued again.</summary>
    [Error(409, "The invocation is not dead", Again = Retry.Never)]
    public const string NotDead = "not_dead";

    /// <summary>The silo that ran the last attempt went away.</summary>
    [Error(502, "The silo that ran the invocation went away")]
    public const string Abandoned = "abandoned";

    /// <summary>A call with this idempotency key runs.</summary>
    [Error(409, "A call with this idempotency key runs", RetryAfterSeconds = 1)]
    public const string InProgress = "in_progress";

    /// <summary>The idempotency key was used with another payload.</summary>
    [Error(422, "The idempotency key was used with another payload", Again = Retry.Never)]
    public const string IdempotencyKeyReused = "idempotency_key_reused";

    /// <summary>No procedure with this name is registered.</summary>
    [Error(404, "There is no such procedure", Again = Retry.Never)]
    public const string ProcedureNotFound = "procedure_not_found";

    /// <summary>The procedure gave up, and says why; nothing of it was done.</summary>
    [Error(422, "The procedure gave up", Again = Retry.Never)]
    public const string ProcedureFailed = "procedure_failed";

    /// <summary>Other transactions were in the way of the procedure's, however often it was run; nothing of it was done.</summary>
    [Error(409, "Other transactions were in the way")]
    public const string ProcedureConflict = "procedure_conflict";

    /// <summary>More procedures call each other than may.</summary>
    [Error(422, "Too many procedures call each other", Again = Retry.Never)]
    public const string ProcedureDepthExceeded = "procedure_depth_exceeded";

    /// <summary>The database refused to make the procedure's transaction last; nothing of it was done.</summary>
    [Error(422, "The transaction could not be committed", Again = Retry.Never)]
    public const string TransactionFailed = "transaction_failed";

    /// <summary>The region has no SQL database of this name.</summary>
    [Error(404, "There is no such database", Again = Retry.Never)]
    public const string DatabaseNotFound = "database_not_found";

    /// <summary>The database refused the statement, or it failed there; nothing was changed.</summary>
    [Error(422, "The statement failed", Again = Retry.Never)]
    public const string StatementFailed = "statement_failed";

    /// <summary>Another transaction was in the statement's way; nothing was changed, and it may succeed when it is run again.</summary>
    [Error(409, "Another transaction was in the way")]
    public const string StatementConflict = "statement_conflict";

    /// <summary>No trigger with this name is there.</summary>
    [Error(404, "There is no such trigger", Again = Retry.Never)]
    public const string TriggerNotFound = "trigger_not_found";

    /// <summary>A trigger refused a row, and says why; nothing of the transaction stays.</summary>
    [Error(422, "A trigger rejected a row", Again = Retry.Never)]
    public const string TriggerRejected = "trigger_rejected";

    /// <summary>A trigger's function is not there, failed, or gave no answer to go by; the row is refused, and nothing of the transaction stays.</summary>
    [Error(422, "A trigger could not judge a row")]
    public const string TriggerFailed = "trigger_failed";

    /// <summary>Triggers caused each other more often than they may; nothing of the transaction stays.</summary>
    [Error(422, "Triggers caused each other without end", Again = Retry.Never)]
    public const string TriggerDepthExceeded = "trigger_depth_exceeded";

    /// <summary>No pipeline with this name is there.</summary>
    [Error(404, "There is no such pipeline", Again = Retry.Never)]
    public const string PipelineNotFound = "pipeline_not_found";

    /// <summary>The database cannot capture changes as it is set up, or lets nobody do so with this login; the message says what to do.</summary>
    [Error(422, "The database cannot capture changes")]
    public const string CaptureRefused = "capture_refused";

    /// <summary>The changes after this position are not held any more; the message has the oldest position that can be had.</summary>
    [Error(409, "The position cannot be had any more", Again = Retry.Never)]
    public const string PositionUnavailable = "position_unavailable";

    /// <summary>What a pipeline's function answered was not taken by the sink, or is nothing that the sink could take.</summary>
    [Error(422, "The sink did not take what it got")]
    public const string SinkFailed = "sink_failed";

    /// <summary>As many changes as a pipeline may have among the dead are there already; it stops until some are settled.</summary>
    [Error(409, "There are too many dead changes")]
    public const string DeadChangesFull = "dead_changes_full";

    /// <summary>The pipeline has no dead change with this number.</summary>
    [Error(404, "There is no such dead change", Again = Retry.Never)]
    public const string DeadChangeNotFound = "dead_change_not_found";
}
