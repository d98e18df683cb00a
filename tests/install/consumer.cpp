// A stranger's program: imports a snapshot, or a tiny one of its own, and asks one question.
#include <azreach.hpp>
#include <cstdio>

int main(int argc, char** argv) {
    const azreach::Imported imported =
        argc > 1
            ? azreach::import_paths({argv[1]})
            : azreach::import_text(
                  "own.json", R"({"value":[{"id":"/subscriptions/s/resourceGroups/g/providers/)"
                              R"(Microsoft.Network/virtualNetworks/v","type":)"
                              R"("Microsoft.Network/virtualNetworks","properties":{"addressSpace":)"
                              R"({"addressPrefixes":["10.0.0.0/16"]},"subnets":[]}}]})");
    const azreach::Network network(imported.snapshot,
                                   azreach::Assumptions(azreach::Reading::strict));
    const azreach::Endpoints endpoints(network);
    std::printf("%zu resources, %zu endpoints\n", imported.snapshot.size(), endpoints.all().size());
    return endpoints.all().empty() ? 1 : 0;
}
