// Invariants of a text checked on a hand-made snapshot.
#pragma once

#include <memory>
#include <string>

#include "src/config/config.hpp"
#include "src/engine/check.hpp"
#include "tests/support/snapshot_builder.hpp"

namespace azreach::testing {

class Checked {
public:
    /// `yaml`: everything below "version: 1".
    Checked(const SnapshotBuilder& builder, const std::string& yaml,
            Assumptions assumptions = documented(), const SnapshotBuilder* baseline = nullptr,
            Date today = {2026, 11, 28})
        : snapshot_(builder.snapshot()),
          config_(config::parse_config("version: 1\n" + yaml, "azreach.yaml")),
          network_(snapshot_, assumptions),
          endpoints_(network_) {
        CheckOptions options;
        options.today = today;
        if (baseline != nullptr) {
            before_ = baseline->snapshot();
            baseline_ = std::make_unique<Network>(before_, assumptions);
            options.baseline = baseline_.get();
        }
        answer_ = check(network_, endpoints_, config_.policy, options);
    }
    Checked(const Checked&) = delete;
    Checked& operator=(const Checked&) = delete;

    const InvariantResult& result(const std::string& id) const {
        for (const InvariantResult& result : answer_.results) {
            if (result.invariant->id == id) {
                return result;
            }
        }
        throw std::invalid_argument("no invariant " + id);
    }
    std::string status(const std::string& id) const {
        return std::string(to_string(result(id).status));
    }
    const Network& network() const { return network_; }
    const CheckAnswer& answer() const { return answer_; }

private:
    Snapshot snapshot_, before_;
    config::Config config_;
    Network network_;
    Endpoints endpoints_;
    std::unique_ptr<Network> baseline_;
    CheckAnswer answer_;
};

/// The status of one invariant, written without its id: "deny: a -> b".
inline std::string status_of(const SnapshotBuilder& builder, const std::string& sets,
                             const std::string& invariant, Assumptions assumptions = documented()) {
    return Checked(builder, "sets: {" + sets + "}\ninvariants: [{id: x, " + invariant + "}]\n",
                   std::move(assumptions))
        .status("x");
}

}  // namespace azreach::testing
