#include "src/plan/overlay.hpp"

#include <algorithm>
#include <optional>

#include "models/azure/symbol.hpp"
#include "src/derived/value.hpp"

namespace azreach {

namespace {

using derived::Tree;
using derived::Value;

/// Lists of children that are resources of their own, by their key in the parent.
constexpr std::string_view kChildLists[] = {
    "subnets",
    "virtualNetworkPeerings",
    "securityRules",
    "routes",
    "ipConfigurations",
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "inboundNatRules",
    "outboundRules",
    "probes",
    "natRules",
};

/// Properties that Azure fills in: they stay when a new state does not say them.
constexpr std::string_view kFilledIn[] = {
    "provisioningState",
    "resourceGuid",
    "etag",
    "ipAddress",
    "ipPrefix",
    "ipConfiguration",
    "virtualMachine",
    "macAddress",
    "networkInterfaces",
    "customDnsConfigs",
    "peeringState",
    "peeringSyncLevel",
    "remoteAddressSpace",
    "remoteVirtualNetworkAddressSpace",
    "peeredRemoteAddressSpace",
    "connectionStatus",
    "privateLinkServiceConnectionState",
    "defaultSecurityRules",
    "backendIPConfigurations",
    "backendIPConfiguration",
    "loadBalancerFrontendIpConfiguration",
    "vmId",
    "hubIPAddresses",
    "privateEndpoint",
    "fqdn",
    "privateEndpointConnections",
    "provisionedBy",
};

/// Keys under which a resource tells who uses it; the user says it too.
constexpr std::string_view kToldOfUsers[] = {
    "ipConfigurations",
    "ipConfigurationProfiles",
    "ipConfiguration",
    "publicIPAddresses",
    "loadBalancerFrontendIpConfiguration",
    "subnets",
    "virtualMachine",
    "backendIPConfigurations",
    "backendIPConfiguration",
    "loadBalancingRules",
    "inboundNatRules",
    "outboundRules",
    "privateEndpoints",
};

template <class List>
bool is_one_of(const List& list, std::string_view key) {
    return std::any_of(std::begin(list), std::end(list),
                       [&](std::string_view one) { return equal_ignoring_case(one, key); });
}

bool is_type(const ResourceId& id, std::string_view type) {
    return equal_ignoring_case(id.type(), type);
}

/// {"id": "..."} and what the az CLI adds to it.
bool is_bare_mention(const Value& value) {
    return value.is_object() && value.find("id") != nullptr &&
           std::all_of(value.members.begin(), value.members.end(), [](const derived::Member& m) {
               return equal_ignoring_case(m.first, "id") ||
                      equal_ignoring_case(m.first, "resourceGroup");
           });
}

std::string_view key_of(const Value& entry) {
    const std::string_view name = entry.text_at("name");
    return name.empty() ? entry.text_at("id") : name;
}

Value* entry_with(Value& list, std::string_view key) {
    for (Value& entry : list.items) {
        if (entry.is_object() && !key.empty() && equal_ignoring_case(key_of(entry), key)) {
            return &entry;
        }
    }
    return nullptr;
}

bool is_true(const Value* value) {
    return value != nullptr && value->kind == Value::Kind::boolean && value->boolean;
}

void erase_member(Value& object, std::string_view key) {
    std::erase_if(object.members,
                  [&](const derived::Member& m) { return equal_ignoring_case(m.first, key); });
}

// --- merge: members replace members --------------------------------------------------------------

void merge_into(Value& base, const Value& patch);

void merge_list(Value& base, const Value& patch) {
    const bool rest =
        !patch.items.empty() && patch.items.front().is_text() && patch.items.front().text == kRest;
    const bool entries = std::any_of(patch.items.begin(), patch.items.end(), [](const Value& item) {
        return item.is_object() && !key_of(item).empty();
    });
    if (!rest && !entries) {
        base = patch;
        return;
    }
    Value result = Value::array();
    result.place = patch.place;
    if (rest) {
        result = base.is_array() ? base : result;
    }
    for (const Value& item : patch.items) {
        if (rest && &item == &patch.items.front()) {
            continue;
        }
        const std::string_view key = item.is_object() ? key_of(item) : std::string_view{};
        if (rest && key == "*") {
            Value inner = item;
            erase_member(inner, "name");
            for (Value& entry : result.items) {
                merge_into(entry, inner);
            }
            continue;
        }
        if (rest && is_true(item.find(kGone))) {
            std::erase_if(result.items, [&](const Value& entry) {
                return entry.is_object() && equal_ignoring_case(key_of(entry), key);
            });
            continue;
        }
        Value* there = entry_with(result, key);
        if (there == nullptr) {
            Value* was = base.is_array() && !rest ? entry_with(base, key) : nullptr;
            result.items.push_back(was != nullptr ? *was : Value::object());
            there = &result.items.back();
            if (was == nullptr) {
                there->place = item.place;
            }
        }
        if (item.is_object()) {
            merge_into(*there, item);
        } else {
            *there = item;
        }
    }
    base = std::move(result);
}

/// The flattened form of the az CLI gets its "properties" back; the reader is told that what is
/// absent may only be too new for the listing.
void unflatten(Value& base) {
    constexpr std::string_view kBeside[] = {
        "id",   "name",  "type",     "location", "tags",          "sku",          "kind",
        "etag", "zones", "identity", "plan",     "resourceGroup", "resourceType", "subscriptionId"};
    if (!base.is_object() || base.find("properties") != nullptr || base.members.empty()) {
        return;
    }
    Value properties = Value::object();
    properties.place = base.place;
    properties.verbatim = base.verbatim;
    std::erase_if(base.members, [&](derived::Member& member) {
        if (is_one_of(kBeside, member.first)) {
            return false;
        }
        properties.members.push_back(std::move(member));
        return true;
    });
    if (!properties.members.empty()) {
        base.set("properties", std::move(properties));
        base.set(kFlattened, Value::of(true));
    }
}

void merge_into(Value& base, const Value& patch) {
    if (!base.is_object() || !patch.is_object()) {
        base = patch;
        return;
    }
    if (patch.find("properties") != nullptr) {
        unflatten(base);
    }
    for (const auto& [key, member] : patch.members) {
        if (member.is_null()) {
            erase_member(base, key);
            continue;
        }
        Value* there = base.find(key);
        if (there == nullptr) {
            there = &base.set(key, member.is_array() ? Value::array() : Value::object());
            if (!member.is_array() && !member.is_object()) {
                *there = member;
                continue;
            }
        }
        if (member.is_array()) {
            merge_list(*there, member);
        } else if (member.is_object() && there->is_object()) {
            merge_into(*there, member);
        } else {
            *there = member;
        }
    }
}

// --- put: a new state, but for what Azure fills in
// ------------------------------------------------

void keep_filled_in(const Value& base, Value& state) {
    if (base.find("properties") == nullptr && state.find("properties") != nullptr) {
        Value whole = base;
        unflatten(whole);
        if (whole.find("properties") != nullptr) {
            keep_filled_in(whole, state);
            return;
        }
    }
    for (const auto& [key, member] : base.members) {
        Value* now = state.find(key);
        if (now == nullptr) {
            const bool mentions_only =
                member.is_array() && !member.items.empty() &&
                std::all_of(member.items.begin(), member.items.end(), is_bare_mention);
            const bool picked =
                equal_ignoring_case(key, "privateIPAddress") &&
                !equal_ignoring_case(state.text_at("privateIPAllocationMethod"), "Static");
            if (is_one_of(kFilledIn, key) || picked ||
                (mentions_only && is_one_of(kToldOfUsers, key))) {
                state.set(key, member);
            }
        } else if (member.is_object() && now->is_object()) {
            keep_filled_in(member, *now);
        } else if (member.is_array() && now->is_array()) {
            for (Value& entry : now->items) {
                for (const Value& was : member.items) {
                    if (entry.is_object() && was.is_object() && !key_of(entry).empty() &&
                        equal_ignoring_case(key_of(entry), key_of(was))) {
                        keep_filled_in(was, entry);
                        break;
                    }
                }
            }
        }
    }
}

// --- one resource after another
// -------------------------------------------------------------------

/// A state of a resource, and the symbol on which it hangs whether it is there.
struct State {
    Value value;
    std::string exists_if;
    std::string address;
};

class Layer {
public:
    explicit Layer(const std::vector<DerivedResource>& order) {
        for (const DerivedResource& change : order) {
            changes_.push_back(parse(change));
        }
    }

    /// Parses a resource; its values know which piece they come from.
    Value parse(const DerivedResource& resource) {
        const auto piece = static_cast<std::uint32_t>(pieces_.size());
        pieces_.push_back({Tree(piece, resource.json), &resource});
        return pieces_.back().tree.root();
    }
    const Value& change(std::size_t index) const { return changes_[index]; }

    DerivedResource finished(const State& state) const {
        DerivedResource result =
            derived::to_derived(state.value, [&](std::uint32_t piece) -> const Tree* {
                return piece < pieces_.size() ? &pieces_[piece].tree : nullptr;
            });
        for (WrittenAt& origin : result.origins) {
            origin = in_source(origin);
        }
        if (result.origins.empty() || !result.origins.front().at.empty()) {
            result.origins.insert(result.origins.begin(), WrittenAt{"", 0, "", false});
        }
        result.exists_if = state.exists_if;
        result.address = state.address;
        return result;
    }

private:
    struct Piece {
        Tree tree;
        const DerivedResource* resource;
    };

    /// A place in a piece, as a place in the source that the piece was written in.
    WrittenAt in_source(const WrittenAt& place) const {
        const WrittenAt* nearest = nullptr;
        for (const WrittenAt& origin : pieces_[place.source].resource->origins) {
            const bool around =
                place.pointer.starts_with(origin.at) && (place.pointer.size() == origin.at.size() ||
                                                         place.pointer[origin.at.size()] == '/');
            if (around && (nearest == nullptr || origin.at.size() > nearest->at.size())) {
                nearest = &origin;
            }
        }
        WrittenAt result{place.at, 0, "", false};
        if (nearest != nullptr) {
            result.source = nearest->source;
            result.pointer = nearest->pointer;
            if (nearest->verbatim) {
                result.pointer += place.pointer.substr(nearest->at.size());
            }
            result.verbatim = nearest->verbatim && place.verbatim;
        }
        return result;
    }

    std::vector<Piece> pieces_;
    std::vector<Value> changes_;
};

}  // namespace

void Overlay::add(DerivedResource change) { order_.push_back(std::move(change)); }

Derived Overlay::bind(const std::vector<std::string>& below) {
    Derived result;
    // What the snapshot has: subscriptions, and the resource groups of each.
    std::map<std::string, std::set<std::string, IgnoringCase>, IgnoringCase> groups;
    const auto segment_after = [](std::string_view id, std::string_view before) {
        const std::size_t at =
            id.size() >= before.size() && equal_ignoring_case(id.substr(0, before.size()), before)
                ? before.size()
                : std::string_view::npos;
        return at == std::string_view::npos
                   ? std::string_view{}
                   : id.substr(at, std::min(id.find('/', at), id.size()) - at);
    };
    constexpr std::string_view kSubscriptions = "/subscriptions/";
    const auto parts = [&](std::string_view id) {
        const std::string_view subscription = segment_after(id, kSubscriptions);
        const std::string start =
            std::string(kSubscriptions) + std::string(subscription) + "/resourceGroups/";
        return std::pair{subscription, segment_after(id, start)};
    };
    for (const std::string& id : below) {
        const auto [subscription, group] = parts(id);
        if (!subscription.empty()) {
            groups[std::string(subscription)].insert(std::string(group));
        }
    }
    std::set<std::string> open_subscriptions;
    std::set<std::string> open_groups;
    const auto ids_of_overlay = [&](const auto& each) {
        for (const DerivedResource& change : order_) {
            each(std::string(Tree(0, change.json).root().text_at("id")));
        }
    };
    const auto replace = [&](const std::string& symbol, const std::string& text) {
        for (DerivedResource& change : order_) {
            for (std::size_t at = change.json.find(symbol); at != std::string::npos;
                 at = change.json.find(symbol, at + text.size())) {
                change.json.replace(at, symbol.size(), text);
            }
        }
        Diagnostic diagnostic;
        diagnostic.code = "AZR1058";
        diagnostic.severity = Severity::warning;
        diagnostic.message = "the overlay does not say " + symbol_names(symbol) + ": taken as " +
                             text + ", the only one in the snapshot that it can be";
        result.diagnostics.push_back(std::move(diagnostic));
    };
    ids_of_overlay([&](const std::string& id) {
        const auto [subscription, group] = parts(id);
        if (is_symbolic(subscription)) {
            open_subscriptions.insert(std::string(subscription));
        }
    });
    if (open_subscriptions.size() == 1 && groups.size() == 1) {
        replace(*open_subscriptions.begin(), groups.begin()->first);
    }
    // A resource group: the one that holds what the overlay names and the snapshot has, or the
    // parent of it (a rule of a group, a subnet of a network) where the overlay does not make that
    // itself; with none of it there, the only group of the subscription.
    std::set<std::string, IgnoringCase> made;
    ids_of_overlay([&](const std::string& id) { made.insert(id); });
    std::map<std::string, std::set<std::string, IgnoringCase>> holders;
    std::map<std::string, std::string> subscription_of;
    std::set<std::string, IgnoringCase> known(below.begin(), below.end());
    ids_of_overlay([&](const std::string& id) {
        const auto [subscription, group] = parts(id);
        const auto in = groups.find(std::string(subscription));
        if (!is_symbolic(group) || in == groups.end()) {
            return;
        }
        open_groups.insert(std::string(group));
        subscription_of[std::string(group)] = subscription;
        std::string named = id;
        if (const ResourceId parent = ResourceId(id).parent();
            !parent.empty() && !made.contains(std::string(parent.text()))) {
            named = parent.text();
        }
        for (const std::string& candidate : in->second) {
            for (std::string concrete : {id, named}) {
                concrete.replace(concrete.find(group), group.size(), candidate);
                if (known.contains(concrete)) {
                    holders[std::string(group)].insert(candidate);
                }
            }
        }
    });
    for (const std::string& group : open_groups) {
        const auto& holding = holders[group];
        const auto& all = groups[subscription_of[group]];
        if (holding.size() == 1) {
            replace(group, *holding.begin());
        } else if (holding.empty() && all.size() == 1 && !all.begin()->empty()) {
            replace(group, *all.begin());
        }
    }
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const std::string id(Tree(0, order_[i].json).root().text_at("id"));
        if (is_symbolic(id)) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1059";
            diagnostic.severity = Severity::warning;
            diagnostic.message =
                "the overlay has a resource whose id is not known before "
                "deployment; it changes nothing that the snapshot has: " +
                id;
            result.diagnostics.push_back(std::move(diagnostic));
        }
        ResourceId key(id);
        changes_[key].push_back(i);
        for (ResourceId parent = key.parent(); !parent.empty(); parent = parent.parent()) {
            parents_.insert(parent);
        }
    }
    return result;
}

bool Overlay::touches(const ResourceId& id) const {
    if (changes_.contains(id) || parents_.contains(id)) {
        return true;
    }
    for (ResourceId parent = id.parent(); !parent.empty(); parent = parent.parent()) {
        if (changes_.contains(parent)) {
            return true;
        }
    }
    return false;
}

bool Overlay::mentions(std::string_view text) const {
    if (!text.starts_with('/') || text.size() < 20) {
        return false;
    }
    for (ResourceId id{std::string(text)}; !id.empty(); id = id.parent()) {
        if (changes_.contains(id)) {
            return true;
        }
    }
    return false;
}

void Overlay::below(const ResourceId& id, DerivedResource resource) {
    below_.push_back({id, std::move(resource)});
}

namespace {

class Result {
public:
    Result(const std::vector<DerivedResource>& order,
           const std::map<ResourceId, std::vector<std::size_t>>& changes)
        : order_(order), changes_(changes), layer_(order) {
        for (const auto& [id, list] : changes_) {
            bool removed = false;
            bool whole = false;
            for (const std::size_t i : list) {
                removed = order_[i].effect == Effect::remove || removed;
                whole = order_[i].effect == Effect::put ||
                        (whole && order_[i].effect != Effect::remove);
            }
            if (removed) {
                removed_.insert(id);
            }
            if (removed || whole) {
                settled_.insert(id);
            }
        }
    }

    void below(const ResourceId& id, const DerivedResource& resource) {
        seen_.insert(id);
        if (ancestor_removed(id)) {
            return;
        }
        State state{layer_.parse(resource), resource.exists_if, resource.address};
        take_children_out(id, state.value);
        drop_what_is_told_of_users(id, state.value);
        const auto change = changes_.find(id);
        if (change == changes_.end()) {
            emit(state);
            return;
        }
        for (const State& after : evolve(id, std::optional(state), change->second)) {
            emit(after);
        }
    }

    Derived finish() {
        for (const auto& [id, list] : changes_) {
            if (!seen_.contains(id)) {
                for (const State& after : evolve(id, std::nullopt, list)) {
                    emit(after);
                }
            }
        }
        return std::move(result_);
    }

private:
    bool ancestor_removed(const ResourceId& id) const {
        for (ResourceId parent = id.parent(); !parent.empty(); parent = parent.parent()) {
            if (removed_.contains(parent)) {
                return true;
            }
        }
        return false;
    }

    void emit(const State& state) { result_.resources.push_back(layer_.finished(state)); }

    /// Children that the overlay changes leave their parent and are read on their own.
    void take_children_out(const ResourceId& id, Value& resource) {
        Value* properties = resource.find("properties");
        for (Value* holder : {properties, properties == nullptr ? &resource : nullptr}) {
            if (holder == nullptr || !holder->is_object()) {
                continue;
            }
            for (const std::string_view list : kChildLists) {
                Value* children = holder->find(list);
                if (children == nullptr || !children->is_array()) {
                    continue;
                }
                std::erase_if(children->items, [&](const Value& child) {
                    if (!child.is_object() || is_bare_mention(child)) {
                        return false;
                    }
                    std::string_view name = child.text_at("name");
                    const ResourceId written{std::string(child.text_at("id"))};
                    if (name.empty()) {
                        name = written.name();
                    }
                    const ResourceId child_id = written.empty() ? id.child(list, name) : written;
                    const auto change = changes_.find(child_id);
                    if (change == changes_.end()) {
                        return false;
                    }
                    seen_.insert(child_id);
                    State state{child, "", ""};
                    state.value.set("id", Value::of(std::string(child_id.text())));
                    state.value.set("type", Value::of(child_id.type()));
                    for (const State& after :
                         evolve(child_id, std::optional(state), change->second)) {
                        emit(after);
                    }
                    return true;
                });
            }
        }
    }

    /// What others tell of a resource whose new state is known.
    void drop_what_is_told_of_users(const ResourceId& id, Value& value) const {
        const bool security_group = is_type(id, "Microsoft.Network/networkSecurityGroups");
        const bool address = is_type(id, "Microsoft.Network/publicIPAddresses") ||
                             is_type(id, "Microsoft.Network/publicIPPrefixes");
        const auto told = [&](const std::string& key) {
            return is_one_of(kToldOfUsers, key) ||
                   (security_group && equal_ignoring_case(key, "networkInterfaces")) ||
                   (address && equal_ignoring_case(key, "natGateway"));
        };
        const auto is_settled = [&](const Value& mention) {
            if (!is_bare_mention(mention)) {
                return false;
            }
            for (ResourceId user{std::string(mention.text_at("id"))}; !user.empty();
                 user = user.parent()) {
                if (settled_.contains(user) || merged_below_.contains(user)) {
                    return true;
                }
            }
            return false;
        };
        drop(value, told, is_settled);
    }

    template <class Told, class Settled>
    static void drop(Value& value, const Told& told, const Settled& is_settled) {
        std::erase_if(value.members, [&](derived::Member& member) {
            auto& [key, inner] = member;
            if (told(key)) {
                if (is_settled(inner)) {
                    return true;
                }
                std::erase_if(inner.items, is_settled);
            }
            drop(inner, told, is_settled);
            return false;
        });
        for (Value& item : value.items) {
            drop(item, told, is_settled);
        }
    }

    static Value not_there(const Value& patch, const ResourceId& id) {
        Value resource = Value::object();
        resource.place = patch.place;
        resource.set("id", Value::of(std::string(id.text())));
        resource.set("name", Value::of(std::string(id.name())));
        resource.set("type", Value::of(id.type()));
        resource.set("properties", Value::symbol("not in the snapshot: " + std::string(id.name())));
        return resource;
    }

    std::vector<State> evolve(const ResourceId& id, std::optional<State> now,
                              const std::vector<std::size_t>& list) {
        std::vector<State> others;  // as it may be besides
        for (const std::size_t i : list) {
            const DerivedResource& change = order_[i];
            const Value& written = layer_.change(i);
            switch (change.effect) {
                case Effect::remove:
                    now.reset();
                    others.clear();
                    break;
                case Effect::exists:
                    if (!now) {
                        now = State{written, change.exists_if, change.address};
                    }
                    break;
                case Effect::merge:
                    if (now) {
                        merge_into(now->value, written);
                        now->address = change.address;
                    } else {
                        now = State{not_there(written, id), "", change.address};
                    }
                    break;
                case Effect::put: {
                    State next{written, change.exists_if, change.address};
                    if (now) {
                        keep_filled_in(now->value, next.value);
                        leave_children_open(id, now->value, next.value);
                        if (!change.exists_if.empty()) {  // as it was, or as it is written
                            others.push_back(*now);
                            next.exists_if.clear();
                        }
                    }
                    now = std::move(next);
                    break;
                }
            }
        }
        if (now) {
            others.push_back(std::move(*now));
        }
        return others;
    }

    /// Children that the new state of their parent does not list at all: deployment services have
    /// left them in some versions and removed them in others.
    void leave_children_open(const ResourceId& id, const Value& before, const Value& after) {
        const Value* was = before.find("properties");
        const Value* is = after.find("properties");
        if (was == nullptr || is == nullptr || !is->is_object()) {
            return;
        }
        for (const std::string_view list : kChildLists) {
            const Value* children = was->find(list);
            if (children == nullptr || is->find(list) != nullptr) {
                continue;
            }
            for (const Value& child : children->items) {
                if (!child.is_object() || is_bare_mention(child)) {
                    continue;
                }
                const std::string name(child.text_at("name"));
                const ResourceId written{std::string(child.text_at("id"))};
                const ResourceId child_id = written.empty() ? id.child(list, name) : written;
                State state{child,
                            symbol("whether " + name + " stays when " + std::string(id.name()) +
                                   " is deployed without it"),
                            ""};
                state.value.set("id", Value::of(std::string(child_id.text())));
                state.value.set("type", Value::of(child_id.type()));
                emit(state);
            }
        }
    }

    const std::vector<DerivedResource>& order_;
    const std::map<ResourceId, std::vector<std::size_t>>& changes_;
    Layer layer_;
    std::set<ResourceId> removed_, settled_, merged_below_, seen_;
    Derived result_;

public:
    /// Resources that are merged and that the snapshot has: their state is known as well.
    void merged(std::set<ResourceId> ids) { merged_below_ = std::move(ids); }
};

}  // namespace

Derived Overlay::result() const {
    Result result(order_, changes_);
    std::set<ResourceId> merged;
    for (const Base& base : below_) {
        const auto change = changes_.find(base.id);
        if (change != changes_.end() &&
            std::any_of(change->second.begin(), change->second.end(),
                        [&](std::size_t i) { return order_[i].effect == Effect::merge; })) {
            merged.insert(base.id);
        }
    }
    result.merged(std::move(merged));
    for (const Base& base : below_) {
        result.below(base.id, base.resource);
    }
    return result.finish();
}

}  // namespace azreach
