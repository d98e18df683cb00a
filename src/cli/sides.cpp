#include "src/cli/sides.hpp"

#include <fmt/format.h>

namespace azreach::cli {

std::pair<Imported, Imported> both_sides(const Options& options) {
    if (options.arguments.size() == 2) {
        if (!options.snapshots.empty()) {
            throw UsageError(options.command + " takes OLD and NEW, or PLAN with -s; not both");
        }
        return {import_paths({options.arguments[0]}, import_options(options)),
                import_paths({options.arguments[1]}, import_options(options))};
    }
    ImportOptions import = import_options(options);
    if (!options.snapshots.empty() && options.arguments.size() + import.overlays.size() > 0) {
        // What the change makes of the snapshot.
        import.overlays.insert(import.overlays.end(), options.arguments.begin(),
                               options.arguments.end());
        BothSides both = import_both_sides(options.snapshots, import);
        return {std::move(both.before), std::move(both.after)};
    }
    if (options.arguments.size() != 1) {
        throw UsageError(fmt::format(
            "{} takes OLD and NEW, or one input that holds both states (a Terraform plan, a "
            "what-if); got {} names",
            options.command, options.arguments.size()));
    }
    BothSides both = import_both_sides(options.arguments, import);
    return {std::move(both.before), std::move(both.after)};
}

InvariantSides invariants_of(const Options& options, const Session& before, const Session& after) {
    InvariantSides sides;
    sides.run.today = options.today_or_clock();
    sides.run.file = after.config_file();
    if (after.policy().invariants.empty()) {
        return sides;
    }
    CheckOptions how;
    how.today = sides.run.today;
    how.jobs = options.jobs;
    try {
        sides.before = check(before.network(), before.endpoints(), before.policy(), how);
    } catch (const InputError&) {
        // A name that only the new state knows: there was nothing to ask.
    }
    how.baseline = &before.network();
    sides.after = check(after.network(), after.endpoints(), after.policy(), how);
    return sides;
}

std::vector<report::InvariantFlip> InvariantSides::flips() const {
    std::vector<report::InvariantFlip> result;
    for (std::size_t i = 0; after && i < after->results.size(); ++i) {
        result.push_back({after->results[i].invariant,
                          before ? before->results[i].status : InvariantStatus::not_asked,
                          after->results[i].status});
    }
    return result;
}

}  // namespace azreach::cli
