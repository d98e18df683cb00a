#include "src/engine/diff_services.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "src/engine/query.hpp"

namespace azreach {

namespace {

/// What differs in the configuration of one resource: a property, a list of rules, ...
struct Difference {
    std::string pointer, before, after;
    std::function<void(PaasResource&)> apply;  // makes the old resource like the new one
    Provenance before_where, after_where;
};

std::string text_of(const PaasSetting* setting) { return setting == nullptr ? "" : setting->text; }

std::string text_of(const PaasResource& resource, const std::string& list) {
    std::string text;
    for (const PaasRule& rule : resource.rules) {
        if (rule.list == list) {
            text += (text.empty() ? "" : ", ") + rule.text +
                    (rule.state.empty() ? "" : " " + rule.state) +
                    (rule.action.empty() || rule.action == "Allow" ? "" : " " + rule.action);
        }
    }
    return text;
}

std::string text_of(const std::vector<PaasConnection>& connections) {
    std::string text;
    for (const PaasConnection& connection : connections) {
        text += (text.empty() ? "" : ", ") +
                std::string(connection.endpoint ? connection.endpoint->name() : "?") + " " +
                connection.status;
    }
    return text;
}

std::vector<Difference> differences(const PaasResource& old, const PaasResource& now) {
    std::vector<Difference> result;
    std::set<std::string> pointers;
    std::set<std::string> lists;
    for (const PaasResource* side : {&old, &now}) {
        for (const auto& [pointer, setting] : side->settings) {
            pointers.insert(pointer);
        }
        for (const PaasRule& rule : side->rules) {
            lists.insert(rule.list);
        }
    }
    for (const std::string& pointer : pointers) {
        const PaasSetting* a = old.find(pointer);
        const PaasSetting* b = now.find(pointer);
        if (text_of(a) == text_of(b) && (a == nullptr) == (b == nullptr)) {
            continue;
        }
        Difference item;
        item.pointer = "/properties/" + pointer;
        item.before = text_of(a);
        item.after = text_of(b);
        item.before_where = a == nullptr ? old.header.where : a->where;
        item.after_where = b == nullptr ? now.header.where : b->where;
        item.apply = [pointer, &now](PaasResource& resource) {
            resource.settings.erase(pointer);
            if (const PaasSetting* own = now.find(pointer)) {
                resource.settings.insert_or_assign(pointer, *own);
            }
        };
        result.push_back(std::move(item));
    }
    for (const std::string& list : lists) {
        const std::string a = text_of(old, list);
        const std::string b = text_of(now, list);
        if (a == b) {
            continue;
        }
        Difference item;
        item.pointer = "/properties/" + list;
        item.before = a;
        item.after = b;
        item.before_where = old.header.where;
        item.after_where = now.header.where;
        item.apply = [list, &now](PaasResource& resource) {
            std::erase_if(resource.rules, [&](const PaasRule& rule) { return rule.list == list; });
            for (const PaasRule& rule : now.rules) {
                if (rule.list == list) {
                    resource.rules.push_back(rule);
                }
            }
        };
        result.push_back(std::move(item));
    }
    const auto whole = [&](const char* pointer, std::string a, std::string b, auto apply) {
        if (a != b) {
            result.push_back(
                {pointer, std::move(a), std::move(b), apply, old.header.where, now.header.where});
        }
    };
    whole("/properties/privateEndpointConnections", text_of(old.connections),
          text_of(now.connections),
          [&now](PaasResource& resource) { resource.connections = now.connections; });
    whole("/sku/name", old.sku, now.sku,
          [&now](PaasResource& resource) { resource.sku = now.sku; });
    return result;
}

/// What may come, and what surely comes, to one endpoint from one class of sources.
struct State {
    PacketSet must, may;
};
enum class From : std::uint8_t { internet, onprem, inside };
constexpr std::array kClasses = {From::internet, From::onprem, From::inside};

class Side {
public:
    explicit Side(const Network& network) : network_(network), reachability_(network) {}

    const Network& network() const { return network_; }
    SourceSet sources(From from) const {
        SourceSet result;
        switch (from) {
            case From::internet:
                result.internet = Edges::internet_space();
                break;
            case From::onprem:
                for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
                    result.onprem |= entry.sources;
                }
                break;
            case From::inside:
                for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
                    if (network_.configurations()[i].endpoint == nullptr) {
                        result.configs.push_back(i);
                    }
                }
                break;
        }
        return result;
    }
    QueryAnswer ask(const ResourceId& resource, std::string_view group, From from,
                    const ServiceSet& services) const {
        QueryAnswer answer;
        const auto index = network_.paas().find(resource, group);
        if (index) {
            DestinationSet to;
            to.services = {*index};
            query_services(network_, reachability_, sources(from), to, services, {}, answer);
        }
        return answer;
    }

private:
    const Network& network_;
    Reachability reachability_;
};

State state_of(const QueryAnswer& answer) {
    return {answer.allowed, answer.allowed | answer.possible};
}

void name_sources(const Network& network, From from, const AddressSet& sources, FlowSide& side) {
    side.addresses = sources;
    const auto prefixes = [&] {
        std::string text;
        const std::vector<Prefix> list = prefixes_of(sources);
        for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 3); ++i) {
            text += (i == 0 ? "" : ", ") + to_string(list[i]);
        }
        return list.size() > 3 ? text + " and " + std::to_string(list.size() - 3) + " more" : text;
    };
    if (from == From::internet) {
        side.internet = true;
        const bool all = sources.v4 == Edges::internet_space().v4;
        side.name = all ? "internet" : "internet (" + prefixes() + ")";
        return;
    }
    if (from == From::onprem) {
        side.onprem = true;
        side.name = "onprem (" + prefixes() + ")";
        return;
    }
    std::vector<std::string> names;
    for (const ConfigPlace& place : network.configurations()) {
        const auto& address = place.configuration->address;
        if (place.endpoint == nullptr && address && sources.contains(*address)) {
            side.interfaces.push_back(place.interface->header.id);
            const Ref& machine = place.interface->virtual_machine;
            names.emplace_back(machine ? machine->name() : place.interface->header.id.name());
        }
    }
    std::sort(side.interfaces.begin(), side.interfaces.end());
    side.ids = side.interfaces;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i) {
        side.name += (i == 0 ? "" : ", ") + names[i];
    }
    if (names.size() > 3) {
        side.name += " and " + std::to_string(names.size() - 3) + " more";
    }
    if (names.empty()) {
        side.name = prefixes();
    }
}

FlowState named(int state) {
    return state == 0   ? FlowState::blocked
           : state == 1 ? FlowState::possible
                        : FlowState::reachable;
}

class ServiceDiffer {
public:
    ServiceDiffer(const Network& before, const Network& after, const ServiceSet& services,
                  DiffAnswer& answer)
        : before_(before), after_(after), services_(services), answer_(answer) {}

    void compare(const ResourceId& resource, std::vector<std::size_t> causes) {
        const auto old = before_.network().snapshot().paas.find(resource);
        const auto now = after_.network().snapshot().paas.find(resource);
        const bool had = old != before_.network().snapshot().paas.end();
        const bool has = now != after_.network().snapshot().paas.end();
        std::vector<Difference> list;
        if (had && has) {
            list = differences(old->second, now->second);
            tell(resource, list, causes);
        }
        std::set<std::string> groups;
        for (const Side* side : {&before_, &after_}) {
            for (const PaasIndex index : side->network().paas().of(resource)) {
                groups.insert(std::string(side->network().paas().endpoints()[index].group->name));
            }
        }
        for (const std::string& group : groups) {
            for (const From from : kClasses) {
                const QueryAnswer a = before_.ask(resource, group, from, services_);
                const QueryAnswer b = after_.ask(resource, group, from, services_);
                compare(resource, group, from, a, b, causes, had && has ? &old->second : nullptr,
                        list);
            }
        }
    }

private:
    /// The properties in place of "something that is not modelled".
    void tell(const ResourceId& resource, const std::vector<Difference>& list,
              std::vector<std::size_t>& causes) {
        std::size_t next = 0;
        std::vector<std::size_t> own;
        for (const std::size_t cause : causes) {
            if (answer_.config[cause].id == resource &&
                answer_.config[cause].kind == ConfigChange::Kind::modified) {
                own.push_back(cause);
            }
        }
        own_.clear();
        for (const Difference& item : list) {
            if (next == own.size() && own.empty()) {
                own_.push_back(causes);  // a child resource, an association: as it is listed
                continue;
            }
            ConfigChange change;
            change.id = resource;
            change.pointer = item.pointer;
            change.before = item.before;
            change.after = item.after;
            change.before_where = item.before_where;
            change.after_where = item.after_where;
            if (next < own.size()) {
                answer_.config[own[next]] = std::move(change);
                own_.push_back({own[next++]});
            } else {
                own_.push_back({answer_.config.size()});
                causes.push_back(answer_.config.size());
                answer_.config.push_back(std::move(change));
            }
        }
    }

    void compare(const ResourceId& resource, const std::string& group, From from,
                 const QueryAnswer& a, const QueryAnswer& b, const std::vector<std::size_t>& causes,
                 const PaasResource* old, const std::vector<Difference>& list) {
        const State was = state_of(a);
        const State is = state_of(b);
        const auto part = [](const State& state, const State& other, int which) {
            return which == 0   ? other.may - state.may
                   : which == 1 ? state.may - state.must
                                : state.must;
        };
        for (int before = 0; before < 3; ++before) {
            for (int after = 0; after < 3; ++after) {
                if (before == after) {
                    continue;
                }
                const PacketSet changed = part(was, is, before) & part(is, was, after);
                const PacketSet few = changed.simplified();
                for (const Cube& cube : few.cubes()) {
                    FlowChange change;
                    change.before = named(before);
                    change.after = named(after);
                    change.kind = after > before ? FlowChange::Kind::added : FlowChange::Kind::lost;
                    change.service = cube.service;
                    name_sources(after > before ? after_.network() : before_.network(), from,
                                 cube.src, change.from);
                    change.to.name = std::string(resource.name()) + "/" + group;
                    change.to.ids = {resource};
                    change.path_before = a.path;
                    change.path_after = b.path;
                    for (const Fact fact : b.depends_on) {
                        change.depends_on.push_back(after_.network().facts().name(fact));
                    }
                    change.caused_by =
                        minimal(resource, group, from, changed, before, after, causes, old, list);
                    answer_.changes.push_back(std::move(change));
                }
            }
        }
    }

    /// A set of properties that alone does it, and no subset of which does: each is left out in
    /// turn, and stays out if the change is there without it.
    std::vector<std::size_t> minimal(const ResourceId& resource, const std::string& group,
                                     From from, const PacketSet& changed, int before, int after,
                                     const std::vector<std::size_t>& causes,
                                     const PaasResource* old,
                                     const std::vector<Difference>& list) const {
        if (old == nullptr || list.empty() || list.size() > 16) {
            return causes;
        }
        std::vector<bool> kept(list.size(), true);
        const auto does_it = [&] {
            Snapshot trial = before_.network().snapshot();
            PaasResource& own = trial.paas.at(resource);
            for (std::size_t i = 0; i < list.size(); ++i) {
                if (kept[i]) {
                    list[i].apply(own);
                }
            }
            const Network network(trial, before_.network().assumptions());
            const State state = state_of(Side(network).ask(resource, group, from, services_));
            return after == 0   ? (state.may & changed).empty()
                   : after == 1 ? (state.may - state.must).contains_all(changed)
                                : state.must.contains_all(changed);
        };
        (void)before;
        if (list.size() > 1) {
            for (std::size_t i = 0; i < list.size(); ++i) {
                kept[i] = false;
                if (!does_it()) {
                    kept[i] = true;
                }
            }
        }
        std::set<std::size_t> result;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (kept[i]) {
                result.insert(own_[i].begin(), own_[i].end());
            }
        }
        return {result.begin(), result.end()};
    }

    Side before_, after_;
    const ServiceSet& services_;
    DiffAnswer& answer_;
    std::vector<std::vector<std::size_t>> own_;  // indexes into answer_.config, by difference
};

bool inside_of(const ResourceId& id, const ResourceId& of) {
    const std::string& text = id.text();
    const std::string& start = of.text();
    return id == of || (text.size() > start.size() && text[start.size()] == '/' &&
                        equal_ignoring_case(text.substr(0, start.size()), start));
}

}  // namespace

void diff_services(const Network& before, const Network& after, const ServiceSet& services,
                   DiffAnswer& answer) {
    // Whose configuration changed: its own and its children's.
    std::map<ResourceId, std::vector<std::size_t>> changed;
    for (const Network* network : {&before, &after}) {
        for (const auto& [id, resource] : network->snapshot().paas) {
            std::vector<std::size_t> causes;
            for (std::size_t i = 0; i < answer.config.size(); ++i) {
                const ResourceId& what = answer.config[i].id;
                if (inside_of(what, id)) {
                    causes.push_back(i);
                }
            }
            if (!causes.empty()) {
                changed[id] = std::move(causes);
            }
        }
    }
    if (changed.empty()) {
        return;
    }
    ServiceDiffer differ(before, after, services, answer);
    for (auto& [resource, causes] : changed) {
        differ.compare(resource, std::move(causes));
    }
    std::set<std::size_t> needed;
    for (const FlowChange& change : answer.changes) {
        needed.insert(change.caused_by.begin(), change.caused_by.end());
    }
    std::erase_if(answer.without_effect, [&](std::size_t index) { return needed.contains(index); });
}

}  // namespace azreach
