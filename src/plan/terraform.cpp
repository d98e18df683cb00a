#include "src/plan/terraform.hpp"

#include <algorithm>

#include "models/azure/symbol.hpp"
#include "src/plan/terraform_map.hpp"

namespace azreach {

namespace {

using derived::Value;
using terraform::Action;
using terraform::Instance;
using terraform::Mapped;
using terraform::Mapping;

bool begins_with_rest(const Value& list) {
    return list.is_array() && !list.items.empty() && list.items.front().text == kRest;
}

/// Takes the marks of a merge away: the resource as it is by itself.
void strip_marks(Value& value) {
    if (begins_with_rest(value)) {
        value.items.erase(value.items.begin());
    }
    for (Value& item : value.items) {
        strip_marks(item);
    }
    for (auto& [key, member] : value.members) {
        strip_marks(member);
    }
}

std::string key_of(const Value& entry) {
    const std::string_view name = entry.text_at("name");
    return std::string(name.empty() ? entry.text_at("id") : name);
}

const Value* entry_with(const Value& list, const std::string& key) {
    for (const Value& entry : list.items) {
        if (entry.is_object() && key_of(entry) == key) {
            return &entry;
        }
    }
    return nullptr;
}

/// The members of `before` that `after` does not have become null in it, in the entries of lists
/// too: a merge would keep them.
void null_what_is_gone(const Value& before, Value& after) {
    if (before.is_object() && after.is_object()) {
        for (const auto& [key, member] : before.members) {
            if (Value* now = after.find(key)) {
                null_what_is_gone(member, *now);
            } else {
                after.set(key, Value());
            }
        }
    } else if (before.is_array() && after.is_array()) {
        for (Value& entry : after.items) {
            if (const Value* was =
                    entry.is_object() ? entry_with(before, key_of(entry)) : nullptr) {
                null_what_is_gone(*was, entry);
            }
        }
        if (begins_with_rest(before) || begins_with_rest(after)) {
            if (!begins_with_rest(after)) {
                after.items.insert(after.items.begin(), Value::of(std::string(kRest)));
            }
            for (const Value& entry : before.items) {
                if (entry.is_object() && entry_with(after, key_of(entry)) == nullptr) {
                    Value gone = Value::object();
                    gone.set(entry.text_at("name").empty() ? "id" : "name",
                             Value::of(key_of(entry)));
                    gone.set(kGone, Value::of(true));
                    after.items.push_back(std::move(gone));
                }
            }
        }
    }
}

/// Only what differs from `before`; lists whole.
Value difference(const Value& before, const Value& after) {
    Value result = Value::object();
    result.place = after.place;
    for (const auto& [key, member] : after.members) {
        const Value* was = before.find(key);
        if (was != nullptr && *was == member) {
            continue;
        }
        if (was != nullptr && was->is_object() && member.is_object()) {
            result.set(key, difference(*was, member));
        } else {
            result.set(key, member);
        }
    }
    return result;
}

class Plan {
public:
    Plan(const DerivedInput& input, Side side, bool overlay)
        : now_(input, side, &result_.diagnostics), input_(input), side_(side), overlay_(overlay) {
        say_what_the_plan_says();
    }

    Derived read() {
        const bool changes = overlay_ && side_ == Side::after && now_.document().is_plan();
        if (!changes) {
            for (const auto& [id, mapped] : now_.resources()) {
                if (mapped.whole) {
                    Value arm = mapped.arm;
                    strip_marks(arm);
                    emit(arm, *mapped.instance,
                         now_.document().is_plan() ? effect_of(*mapped.instance) : Effect::merge);
                } else if (overlay_) {
                    emit(mapped.arm, *mapped.instance, Effect::merge);
                } else {
                    emit(unread(mapped.arm), *mapped.instance, Effect::exists);
                }
            }
            return std::move(result_);
        }
        const Mapping before(input_, Side::before, nullptr);
        for (const auto& [id, mapped] : before.resources()) {
            const auto still = now_.resources().find(id);
            if (still == now_.resources().end() && mapped.whole) {
                remove(mapped.arm, *mapped.instance);
            } else if (still == now_.resources().end()) {
                Value nothing = Value::object();  // an association with somebody else's resource
                for (const char* key : {"id", "name", "type"}) {
                    nothing.set(key, *mapped.arm.find(key));
                }
                nothing.set("properties", Value::object());
                null_what_is_gone(mapped.arm, nothing);
                emit(nothing, *mapped.instance, Effect::merge);
            }
        }
        for (const auto& [id, mapped] : now_.resources()) {
            const auto was = before.resources().find(id);
            if (was == before.resources().end()) {
                Value arm = mapped.arm;
                if (mapped.whole) {
                    strip_marks(arm);
                }
                emit(arm, *mapped.instance, mapped.whole ? Effect::put : Effect::merge);
            } else if (mapped.whole && mapped.instance->action == Action::replace) {
                remove(was->second.arm, *mapped.instance);
                Value arm = mapped.arm;
                strip_marks(arm);
                emit(arm, *mapped.instance, Effect::put);
            } else if (mapped.arm == was->second.arm) {
                if (mapped.whole) {
                    Value arm = mapped.arm;
                    strip_marks(arm);
                    emit(arm, *mapped.instance, Effect::exists);
                }
            } else {
                Value arm = mapped.arm;
                null_what_is_gone(was->second.arm, arm);
                Value changed = difference(was->second.arm, arm);
                for (const char* key : {"id", "name", "type"}) {
                    changed.set(key, *mapped.arm.find(key));
                }
                emit(changed, *mapped.instance, Effect::merge);
            }
        }
        return std::move(result_);
    }

private:
    static Effect effect_of(const Instance& instance) {
        return instance.action == Action::create || instance.action == Action::replace
                   ? Effect::put
                   : Effect::exists;
    }

    /// Of somebody else's resource only one property is known.
    static Value unread(const Value& part) {
        Value arm = part;
        const std::string name(part.text_at("name"));
        arm.set("properties", Value::symbol("not in the plan: " + name));
        return arm;
    }

    void emit(const Value& arm, const Instance& instance, Effect effect) {
        const derived::Tree& tree = now_.document().tree();
        DerivedResource resource = derived::to_derived(arm, [&](std::uint32_t) { return &tree; });
        resource.effect = effect;
        resource.address = instance.address;
        if (resource.origins.empty()) {
            resource.origins.push_back({"", input_.source, "", false});
        }
        result_.resources.push_back(std::move(resource));
    }

    void remove(const Value& arm, const Instance& instance) {
        Value gone = Value::object();
        gone.set("id", Value::of(std::string(arm.text_at("id"))));
        emit(gone, instance, Effect::remove);
    }

    void note(const char* code, Severity severity, std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = code;
        diagnostic.severity = severity;
        diagnostic.message = std::move(message);
        diagnostic.place.file = input_.name;
        result_.diagnostics.push_back(std::move(diagnostic));
    }

    void say_what_the_plan_says() {
        const Value& root = now_.document().root();
        const auto flag = [&](const char* key, bool otherwise) {
            const Value* value = root.find(key);
            return value != nullptr && value->kind == Value::Kind::boolean ? value->boolean
                                                                           : otherwise;
        };
        if (flag("errored", false)) {
            note("AZR1056", Severity::error,
                 "planning failed: this plan is not what an apply would do");
        } else if (!flag("complete", true)) {
            note("AZR1056", Severity::warning,
                 "the plan is not complete: what was left for a later run (-target, deferred "
                 "changes) is not in it");
        }
        for (const Instance& instance : now_.document().instances()) {
            if (instance.provider.empty() || !instance.type.starts_with("azurerm_")) {
                continue;
            }
            if (is_symbolic(now_.document().subscription_of(instance))) {
                note("AZR1057", Severity::info,
                     "neither the provider's configuration nor an id of an existing resource says "
                     "the subscription; new resources have ids with " +
                         now_.document().subscription_of(instance));
                break;
            }
        }
    }

    Derived result_;
    Mapping now_;
    const DerivedInput& input_;
    Side side_;
    bool overlay_;
};

}  // namespace

Derived derive_terraform(const DerivedInput& input, Side side, bool overlay) {
    return Plan(input, side, overlay).read();
}

}  // namespace azreach
