using Workerd = import "/workerd/workerd.capnp";

# The address of the socket is given on the command line.
const config :Workerd.Config = (
  services = [ (name = "echo", worker = .echo) ],
  sockets = [ (name = "http", http = (), service = "echo") ],
);

const echo :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.js"),
    (name = "echo.wasm", wasm = embed "echo.wasm"),
  ],
  compatibilityDate = "2026-01-01",
);
