// The network layer at the size of real tenants: import, one packet, one question, all pairs.
//
// Every benchmark uses the tenant that azreach-tenant writes for its size; it is made once a
// process in the folder for temporary files. Figures: docs/benchmarks.md.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/azreach.hpp"

namespace {

using namespace azreach;

std::string tenant_folder(long nics, long rules) {
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("azreach-bench-{}-{}", nics, rules);
    if (!std::filesystem::exists(folder / "service-tags.json")) {
        const std::string command = fmt::format("'{}' --out '{}' --nics {} --rules {} 2>/dev/null",
                                                AZREACH_TENANT, folder.string(), nics, rules);
        // The file of service tags is written last: a folder that has it is whole.
        if (std::system(command.c_str()) != 0) {  // NOLINT(concurrency-mt-unsafe)
            throw std::runtime_error("cannot make a tenant: " + command);
        }
    }
    return folder.string();
}

/// An imported tenant under the documented reading, kept for all benchmarks of its size.
struct Tenant {
    Imported imported;
    std::unique_ptr<Network> network;
    std::vector<ConfigIndex> machines;  // configurations with an address, private endpoints not
};

const Tenant& tenant(long nics, long rules) {
    static std::map<std::pair<long, long>, std::unique_ptr<Tenant>> made;
    std::unique_ptr<Tenant>& slot = made[{nics, rules}];
    if (!slot) {
        slot = std::make_unique<Tenant>();
        slot->imported = import_paths({tenant_folder(nics, rules)});
        slot->network =
            std::make_unique<Network>(slot->imported.snapshot, Assumptions(Reading::documented));
        slot->network->routes().compile_all();
        for (ConfigIndex i = 0; i < slot->network->configurations().size(); ++i) {
            const ConfigPlace& place = slot->network->configurations()[i];
            if (place.configuration->address && place.endpoint == nullptr) {
                slot->machines.push_back(i);
            }
        }
    }
    return *slot;
}

void import(benchmark::State& state) {
    const std::string folder = tenant_folder(state.range(0), state.range(1));
    std::size_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        bytes += entry.file_size();
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(import_paths({folder}).snapshot.size());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(import)->Args({1000, 200})->Args({10000, 200})->Unit(benchmark::kMillisecond);

void network_indexes(benchmark::State& state) {
    const Tenant& given = tenant(state.range(0), state.range(1));
    for (auto _ : state) {
        const Network network(given.imported.snapshot, Assumptions(Reading::documented));
        benchmark::DoNotOptimize(network.configurations().size());
    }
}
BENCHMARK(network_indexes)->Args({1000, 200})->Args({10000, 200})->Unit(benchmark::kMillisecond);

/// Random packets between machines, well-known ports; as fast as `trace --packets` answers.
void trace_packet(benchmark::State& state) {
    const Tenant& given = tenant(state.range(0), state.range(1));
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same packets every time
    const auto machine = [&] { return given.machines[random() % given.machines.size()]; };
    constexpr std::uint16_t kPorts[] = {22, 80, 443, 1433, 3389, 8443};
    std::vector<std::pair<ConfigIndex, Packet>> packets;
    for (int i = 0; i < 4096; ++i) {
        const ConfigIndex from = machine();
        Packet packet;
        packet.src = *given.network->configurations()[from].configuration->address;
        packet.dst = *given.network->configurations()[machine()].configuration->address;
        packet.service = {kTcp, 49152, kPorts[random() % std::size(kPorts)]};
        packets.emplace_back(from, packet);
    }
    std::size_t next = 0;
    for (auto _ : state) {
        const auto& [from, packet] = packets[next++ % packets.size()];
        benchmark::DoNotOptimize(trace(*given.network, Origin{from}, packet).verdict);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(trace_packet)->Args({1000, 200})->Args({10000, 200})->Unit(benchmark::kMicrosecond);

/// What `query` asks of the packet sets: one machine, one other, all TCP, UDP and ICMP.
void point_query(benchmark::State& state) {
    const Tenant& given = tenant(state.range(0), state.range(1));
    const Reachability reachability(*given.network);
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp)
    for (auto _ : state) {
        SourceSet from;
        DestinationSet to;
        from.configs = {given.machines[random() % given.machines.size()]};
        to.configs = {given.machines[random() % given.machines.size()]};
        benchmark::DoNotOptimize(reachability.flows(from, to, ServiceSet::any()).size());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(point_query)->Args({1000, 200})->Args({10000, 200})->Unit(benchmark::kMicrosecond);

/// All pairs of machines, one row and one column each.
void reach(benchmark::State& state) {
    const Tenant& given = tenant(state.range(0), state.range(1));
    std::vector<Reachability::AxisEntry> axis;
    for (const ConfigIndex config : given.machines) {
        axis.push_back({Reachability::AxisEntry::Kind::configs, {config}});
    }
    std::size_t blocks = 0;
    for (auto _ : state) {
        blocks = 0;
        const Reachability reachability(*given.network);
        reachability.all_pairs(axis, axis, ServiceSet::any(), 1,
                               [&](const Reachability::Block&) { ++blocks; });
    }
    state.counters["blocks"] = static_cast<double>(blocks);
    state.counters["pairs"] = static_cast<double>(axis.size()) * static_cast<double>(axis.size());
}
BENCHMARK(reach)
    ->Args({1000, 200})
    ->Args({10000, 200})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
