// Invariants, their exceptions, and suppressions.
#include <algorithm>

#include "src/config/reader.hpp"

namespace azreach::config {

namespace {

constexpr std::string_view kVerbs[] = {"deny",    "only",  "require", "isolate",
                                       "through", "limit", "no-new",  "same"};

Waiver read_waiver(const YamlNode& node, const std::string& subject) {
    Waiver waiver;
    waiver.place = node.place;
    const auto needed = [&](std::string_view key, const char* why) -> const YamlNode& {
        const YamlNode* value = find(node, key);
        if (value == nullptr) {
            throw InputError(node.place, subject, "no " + std::string(key), "one", why);
        }
        return *value;
    };
    waiver.reason = text_of(needed("reason", "it says why this is accepted"), subject);
    waiver.owner = text_of(needed("owner", "it says who accepted it"), subject);
    const YamlNode& expires = needed("expires", "it says until when, as in 2027-03-31, or 'never'");
    if (expires.kind != YamlNode::Kind::scalar || expires.text != "never") {
        waiver.expires = date_of(expires, subject + ", expires");
    }
    return waiver;
}

class Reader {
public:
    Reader(const YamlNode& node, const NamedServices& services)
        : node_(node), services_(services) {}

    Invariant read();

private:
    FlowExpression flow(const YamlNode& text, const std::string& subject) const {
        text_of(text, subject);
        return parse_flow(text.text, text_place(text), services_);
    }
    void flows(const YamlNode& node, const std::string& subject) {
        for (const YamlNode* text : texts_of(node, subject)) {
            invariant_.flows.push_back(flow(*text, subject));
        }
    }
    void only_for(const char* key, Verb verb) const {
        const YamlNode* value = find(node_, key);
        if (value != nullptr && invariant_.verb != verb) {
            throw InputError(value->place, subject_, "the key '" + std::string(key) + "'",
                             "it with '" + std::string(to_string(verb)) + "' only", "");
        }
    }
    const YamlNode& needed(const char* key, const char* expected) const {
        const YamlNode* value = find(node_, key);
        if (value == nullptr) {
            throw InputError(node_.place, subject_, "no '" + std::string(key) + "'", expected, "");
        }
        return *value;
    }
    void read_verb(const YamlNode& value);
    void read_exceptions(const YamlNode& value);

    const YamlNode& node_;
    const NamedServices& services_;
    Invariant invariant_;
    std::string subject_ = "invariant";
};

void Reader::read_verb(const YamlNode& value) {
    const std::string subject = subject_ + ", " + std::string(to_string(invariant_.verb));
    switch (invariant_.verb) {
        case Verb::deny:
        case Verb::require:
        case Verb::no_new:
        case Verb::same:
            flows(value, subject);
            break;
        case Verb::limit:
            flows(value, subject);
            if (invariant_.flows.size() != 1) {
                wrong(value, subject, "one flow");
            }
            break;
        case Verb::through:
            flows(value, subject);
            for (const FlowExpression& flow : invariant_.flows) {
                if (flow.via.empty()) {
                    throw InputError(flow.place, subject, "no 'via'",
                                     "what the flow must pass, as in: app -> internet via fw", "");
                }
            }
            break;
        case Verb::only: {
            flows(value, subject);
            const YamlNode& to = needed("to", "the destinations that 'only' is about");
            text_of(to, subject_ + ", to");
            invariant_.sets.push_back(parse_set(to.text, text_place(to)));
            break;
        }
        case Verb::isolate:
            for (const YamlNode* text : texts_of(value, subject)) {
                invariant_.sets.push_back(parse_set(text->text, text_place(*text)));
            }
            if (invariant_.sets.size() < 2) {
                wrong(value, subject, "at least two sets");
            }
            break;
    }
}

void Reader::read_exceptions(const YamlNode& value) {
    if (invariant_.verb == Verb::require || invariant_.verb == Verb::limit) {
        throw InputError(value.place, subject_, "'except'",
                         "it with deny, only, isolate, through, no-new or same", "");
    }
    if (value.kind != YamlNode::Kind::sequence) {
        wrong(value, subject_ + ", except", "a list of { flow, reason, owner, expires }");
    }
    for (const YamlNode& item : value.items) {
        const std::string subject = subject_ + ", except";
        check_keys(item, "exception", subject);
        const YamlNode* text = find(item, "flow");
        if (text == nullptr) {
            throw InputError(item.place, subject, "no flow", "the flow that is let through", "");
        }
        invariant_.except.push_back({flow(*text, subject), read_waiver(item, subject)});
    }
}

Invariant Reader::read() {
    check_keys(node_, "invariant", subject_);
    invariant_.place = node_.place;
    invariant_.id = text_of(needed("id", "a name for it"), "invariant, id");
    for (const char c : invariant_.id) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
        if (!plain) {
            wrong(*find(node_, "id"), "invariant, id", "letters, digits, and - _ . /");
        }
    }
    subject_ = "invariant '" + invariant_.id + "'";
    const YamlNode* verb = nullptr;
    for (std::size_t i = 0; i < std::size(kVerbs); ++i) {
        const YamlNode* value = find(node_, kVerbs[i]);
        if (value == nullptr) {
            continue;
        }
        if (verb != nullptr) {
            throw InputError(value->place, subject_,
                             "a second verb, '" + std::string(kVerbs[i]) + "'", "one", "");
        }
        verb = value;
        invariant_.verb = static_cast<Verb>(i);
    }
    if (verb == nullptr) {
        throw InputError(node_.place, subject_, "no verb",
                         "deny, only, require, isolate, through, limit, no-new or same", "");
    }
    const auto text = [&](const char* key, std::string& to) {
        if (const YamlNode* value = find(node_, key)) {
            to = text_of(*value, subject_ + ", " + key);
        }
    };
    text("title", invariant_.title);
    text("why", invariant_.why);
    text("owner", invariant_.owner);
    if (const YamlNode* value = find(node_, "severity")) {
        const auto severity = parse_severity(text_of(*value, subject_ + ", severity"));
        if (!severity) {
            wrong(*value, subject_ + ", severity", "info, low, medium, high or critical");
        }
        invariant_.severity = *severity;
    }
    only_for("to", Verb::only);
    only_for("count", Verb::limit);
    only_for("max", Verb::limit);
    only_for("match", Verb::require);
    for (const char* key : {"on", "services"}) {
        const YamlNode* value = find(node_, key);
        if (value == nullptr) {
            continue;
        }
        if (invariant_.services) {
            throw InputError(value->place, subject_, "both 'on' and 'services'",
                             "one of them: they mean the same", "");
        }
        for (const YamlNode* part : texts_of(*value, subject_ + ", " + key)) {
            const ServiceSet more = parse_services(part->text, text_place(*part), services_);
            invariant_.services = invariant_.services ? *invariant_.services | more : more;
            invariant_.services_text += (invariant_.services_text.empty() ? "" : ",") + part->text;
        }
    }
    read_verb(*verb);
    if (invariant_.verb == Verb::limit) {
        const YamlNode& count = needed("count", "sources, destinations, pairs or ports");
        bool known = false;
        for (const LimitCount kind : {LimitCount::sources, LimitCount::destinations,
                                      LimitCount::pairs, LimitCount::ports}) {
            if (text_of(count, subject_ + ", count") == to_string(kind)) {
                invariant_.count = kind;
                known = true;
            }
        }
        if (!known) {
            wrong(count, subject_ + ", count", "sources, destinations, pairs or ports");
        }
        invariant_.max =
            number_of(needed("max", "the greatest permitted count"), subject_ + ", max");
    }
    if (const YamlNode* value = find(node_, "match")) {
        const std::string match = text_of(*value, subject_ + ", match");
        if (match != "some" && match != "every") {
            wrong(*value, subject_ + ", match", "every or some");
        }
        invariant_.match_some = match == "some";
    }
    if (const YamlNode* value = find(node_, "may-be-empty")) {
        invariant_.may_be_empty = truth_of(*value, subject_ + ", may-be-empty");
    }
    if (const YamlNode* value = find(node_, "via-proxy")) {
        invariant_.via_proxy = truth_of(*value, subject_ + ", via-proxy");
    }
    if (const YamlNode* value = find(node_, "except")) {
        read_exceptions(*value);
    }
    return std::move(invariant_);
}

}  // namespace

Invariant read_invariant(const YamlNode& node, const NamedServices& services) {
    return Reader(node, services).read();
}

Suppression read_suppression(const YamlNode& node) {
    check_keys(node, "suppression", "suppress");
    const YamlNode* id = find(node, "invariant");
    if (id == nullptr) {
        throw InputError(node.place, "suppress", "no invariant", "the id of one", "");
    }
    Suppression suppression;
    suppression.invariant = text_of(*id, "suppress, invariant");
    suppression.waiver = read_waiver(node, "suppression of '" + suppression.invariant + "'");
    suppression.waiver.place = id->place;
    return suppression;
}

}  // namespace azreach::config
