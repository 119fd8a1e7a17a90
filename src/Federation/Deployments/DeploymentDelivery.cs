using System.Net;
using System.Net.Http.Headers;
using System.Text;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Federation.Deployments;

/// <summary>Brings an order to the silo that it is for: first what the registration needs and the silo does not have, then the registration.</summary>
internal sealed class DeploymentDelivery(IModuleStore modules, IBundleStore bundles)
{
    /// <summary>Carries an order out.</summary>
    /// <returns>Null if it is done, else why the silo refuses it.</returns>
    /// <exception cref="SandboxException">The silo cannot be reached, or failed; another time it may not.</exception>
    public async Task<DeploymentProblem?> DeliverAsync(StoredDeployment deployment, PeerSilo silo, CancellationToken cancel)
    {
        var path = $"v1/functions/{Uri.EscapeDataString(deployment.Function)}";
        if (deployment.Registration is null)
        {
            using var removal = silo.Request(HttpMethod.Delete, path);
            var refusal = await SendAsync(removal, silo, cancel);
            return refusal?.Code == ErrorCodes.FunctionNotFound ? null : refusal;
        }

        var problem = await BringAsync(silo, $"v1/peer/modules/{deployment.Module}", "v1/modules", deployment.Module, modules.ReadAsync, ErrorCodes.ModuleNotFound, cancel);
        foreach (var bundle in deployment.Bundles)
        {
            problem ??= await BringAsync(silo, $"v1/peer/bundles/{bundle}", "v1/bundles", bundle, bundles.ReadAsync, ErrorCodes.BundleNotFound, cancel);
        }

        if (problem is not null)
        {
            return problem;
        }

        using var request = silo.Request(HttpMethod.Put, path);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(deployment.Registration));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(request, silo, cancel);
    }

    private static async Task<DeploymentProblem?> BringAsync(
        PeerSilo silo, string place, string upload, string hash, Func<string, Task<byte[]?>> read, string missing, CancellationToken cancel)
    {
        using var question = silo.Request(HttpMethod.Head, place);
        using (var answer = await silo.SendAsync(question, cancel))
        {
            if (answer.IsSuccessStatusCode)
            {
                return null;
            }

            if (answer.StatusCode != HttpStatusCode.NotFound)
            {
                throw new SandboxException(ErrorCodes.PeerFailed, $"{silo.Address} answered {(int)answer.StatusCode} when it was asked for {hash}.");
            }
        }

        if (await read(hash) is not { } bytes)
        {
            return new DeploymentProblem(missing, $"{hash} is stored neither here nor there.");
        }

        using var request = silo.Request(HttpMethod.Put, upload);
        request.Content = new ByteArrayContent(bytes);
        request.Headers.Add(HeliosHeaders.ModuleHash, hash);
        return await SendAsync(request, silo, cancel);
    }

    private static async Task<DeploymentProblem?> SendAsync(HttpRequestMessage request, PeerSilo silo, CancellationToken cancel)
    {
        using var response = await silo.SendAsync(request, cancel);
        if (response.IsSuccessStatusCode)
        {
            return null;
        }

        var fault = await PeerAnswer.FaultAsync(response, silo, cancel);
        return MayPass(fault)
            ? throw new SandboxException(fault.Code, fault.Message)
            : new DeploymentProblem(fault.Code, fault.Message);
    }

    // What was sent does not change by waiting; how the silo is may.
    private static bool MayPass(InvocationFault fault) => fault.Code is
        ErrorCodes.ModuleNotFound or ErrorCodes.BundleNotFound or ErrorCodes.Overloaded or ErrorCodes.CompileFailed or ErrorCodes.PeerFailed
        or ErrorCodes.Unavailable or ErrorCodes.InternalError;
}
