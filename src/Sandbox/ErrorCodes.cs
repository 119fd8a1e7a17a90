namespace HeliosEdge.Sandbox;

/// <summary>
/// The stable codes of everything that can go wrong with a module, a function or an invocation.
/// They are part of the HTTP API: a code never changes its meaning, new ones may be added.
/// </summary>
public static class ErrorCodes
{
    /// <summary>A value in a request is missing, malformed or out of range.</summary>
    public const string InvalidParameter = "invalid_parameter";

    /// <summary>The bytes are no valid module, or the module does not fit the ABI it is registered for.</summary>
    public const string InvalidModule = "invalid_module";

    /// <summary>The module is larger than the silo accepts.</summary>
    public const string ModuleTooLarge = "module_too_large";

    /// <summary>Compiling the module takes more time or memory than it may, or the module is compiled to more code than it may be.</summary>
    public const string CompileLimitExceeded = "compile_limit_exceeded";

    /// <summary>The compiler failed at the module, or its process ended; another try may succeed.</summary>
    public const string CompileFailed = "compile_failed";

    /// <summary>The function's module is being compiled still; nothing has begun.</summary>
    public const string Compiling = "compiling";

    /// <summary>The module's bytes do not have the SHA-256 that was stated for them.</summary>
    public const string UntrustedModule = "untrusted_module";

    /// <summary>No module with this hash is stored.</summary>
    public const string ModuleNotFound = "module_not_found";

    /// <summary>The bytes are no bundle: no ZIP archive of plain files with clean relative paths.</summary>
    public const string InvalidBundle = "invalid_bundle";

    /// <summary>The bundle, or what it unpacks to, is larger than the silo accepts.</summary>
    public const string BundleTooLarge = "bundle_too_large";

    /// <summary>No bundle with this hash is stored.</summary>
    public const string BundleNotFound = "bundle_not_found";

    /// <summary>No function with this name is registered, or not in this region.</summary>
    public const string FunctionNotFound = "function_not_found";

    /// <summary>The function has no version with this number, or none before its current one.</summary>
    public const string VersionNotFound = "version_not_found";

    /// <summary>The silo serves no region of this name.</summary>
    public const string RegionNotFound = "region_not_found";

    /// <summary>The region can not be reached now; the invocation has not begun.</summary>
    public const string RegionUnavailable = "region_unavailable";

    /// <summary>The silo that an invocation was passed on to failed or went away; the invocation may have run.</summary>
    public const string PeerFailed = "peer_failed";

    /// <summary>An invocation has been passed on by too many silos, whose peers must lead in a circle.</summary>
    public const string LoopDetected = "loop_detected";

    /// <summary>The payload is larger than the function accepts.</summary>
    public const string PayloadTooLarge = "payload_too_large";

    /// <summary>The guest's response is larger than the function may answer.</summary>
    public const string ResponseTooLarge = "response_too_large";

    /// <summary>The guest returned a pointer or length that does not lie within its linear memory.</summary>
    public const string CorruptedResponse = "corrupted_response";

    /// <summary>What the guest answered to an HTTP request is no HTTP response in the form of its ABI.</summary>
    public const string InvalidHttpResponse = "invalid_http_response";

    /// <summary>The guest was stopped at its deadline.</summary>
    public const string Timeout = "timeout";

    /// <summary>Whoever asked for the invocation took it back or went away before it had ended.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The guest needs more linear memory than it may have.</summary>
    public const string MemoryLimitExceeded = "memory_limit_exceeded";

    /// <summary>The guest ran more instructions than it may.</summary>
    public const string FuelExhausted = "fuel_exhausted";

    /// <summary>The guest trapped.</summary>
    public const string Trap = "trap";

    /// <summary>The guest ended itself with an exit code other than 0.</summary>
    public const string GuestExit = "guest_exit";

    /// <summary>All guest threads are busy and the queue before them is full, or the wait in it was too long.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The silo is starting or stopping, or something that it needs, such as its storage, cannot be used now.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A pointer and length that a guest gave do not lie within its linear memory.</summary>
    public const string OutOfBounds = "out_of_bounds";

    /// <summary>A guest gave address 0 where bytes are expected.</summary>
    public const string NullPointer = "null_pointer";

    /// <summary>A pointer is no multiple of its type's alignment.</summary>
    public const string Misaligned = "misaligned";

    /// <summary>A string is longer than a host function takes, or than the room that a guest has for it.</summary>
    public const string StringTooLarge = "string_too_large";

    /// <summary>A string that a guest gave is no UTF-8.</summary>
    public const string InvalidUtf8 = "invalid_utf8";

    /// <summary>The guest exports no memory.</summary>
    public const string MemoryNotFound = "memory_not_found";

    /// <summary>The guest exports no <c>__wasm_allocate</c> of type <c>(i32) -> (i32)</c>.</summary>
    public const string AllocatorNotFound = "allocator_not_found";

    /// <summary>The guest exports no <c>__wasm_deallocate</c> of type <c>(i32, i32) -> ()</c>.</summary>
    public const string DeallocatorNotFound = "deallocator_not_found";

    /// <summary>The guest's allocator had no room.</summary>
    public const string AllocationFailed = "allocation_failed";

    /// <summary>The guest tried again and again to have the host reach outside its memory, and was ended.</summary>
    public const string SandboxViolation = "sandbox_violation";

    /// <summary>A single allocation on behalf of the host is larger than one may be.</summary>
    public const string AllocationTooLarge = "allocation_too_large";

    /// <summary>All live allocations on behalf of the host are larger together than they may be.</summary>
    public const string AllocationTotalExceeded = "allocation_total_exceeded";

    /// <summary>The guest's allocator handed out a block that overlaps one still in use.</summary>
    public const string OverlappingAllocation = "overlapping_allocation";

    /// <summary>A block was given back that was never handed out.</summary>
    public const string UnknownAllocation = "unknown_allocation";

    /// <summary>A block was given back twice.</summary>
    public const string DoubleFree = "double_free";

    /// <summary>A block was given back with another size than it has.</summary>
    public const string AllocationSizeMismatch = "allocation_size_mismatch";

    /// <summary>The module imports, or the guest called, what the function's profile does not grant.</summary>
    public const string CapabilityDenied = "capability_denied";

    /// <summary>The guest called the host more often than it may.</summary>
    public const string HostCallsExceeded = "host_calls_exceeded";

    /// <summary>The guest logged more than it may.</summary>
    public const string LogLimitExceeded = "log_limit_exceeded";

    /// <summary>A guest's HTTP request is malformed: its URL, its method, a header, or a header that guests may not set.</summary>
    public const string HttpRequestInvalid = "http_request_invalid";

    /// <summary>A guest's HTTP request has a larger body than it may have.</summary>
    public const string HttpRequestTooLarge = "http_request_too_large";

    /// <summary>A guest's HTTP request, or a redirect on its way, leads to a host that is not on the function's allow-list.</summary>
    public const string HttpHostDenied = "http_host_denied";

    /// <summary>The function has as many HTTP requests under way as it may.</summary>
    public const string HttpRequestsExceeded = "http_requests_exceeded";

    /// <summary>The host of a guest's HTTP request has no address that guests may reach.</summary>
    public const string HttpAddressDenied = "http_address_denied";

    /// <summary>A guest's HTTP request got no response: no connection, no valid HTTP, or redirects that can not be followed.</summary>
    public const string HttpFailed = "http_failed";

    /// <summary>The response to a guest's HTTP request is larger than it may be.</summary>
    public const string HttpResponseTooLarge = "http_response_too_large";
}
