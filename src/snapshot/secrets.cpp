#include "src/snapshot/secrets.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "models/azure/resource_id.hpp"
#include "models/azure/symbol.hpp"

namespace azreach {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Parts of keys, without case, hyphens and underscores.
constexpr std::array<std::string_view, 30> kSecretKeys = {
    "password",          "passwd",      "passphrase",       "secret",     "sharedkey",
    "accesskey",         "accountkey",  "authorizationkey", "authkey",    "apikey",
    "functionkey",       "primarykey",  "secondarykey",     "masterkey",  "instrumentationkey",
    "encryptionkey",     "privatekey",  "connectionstring", "customdata", "userdata",
    "protectedsettings", "sastoken",    "sasuri",           "sasurl",     "accesstoken",
    "refreshtoken",      "bearertoken", "credential",       "pfx",        "kubeconfig",
};
/// Whole keys.
constexpr std::array<std::string_view, 16> kSecretWholeKeys = {
    "psk",
    "pwd",
    "token",
    "osprofile",
    "appsettings",
    "sshkeys",
    "publickeys",
    "adminsshkey",
    "keydata",
    "certificatedata",
    "publiccertdata",
    "rawcertificate",
    "kubeadminconfig",
    "environmentvariables",
    "secureenvironmentvariables",
    "siteCredential",
};

std::string plain(std::string_view key) {
    std::string result;
    for (const char c : key) {
        if (c != '_' && c != '-') {
            result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return result;
}

std::optional<element> member(object value, std::string_view key) {
    for (const auto field : value) {
        if (equal_ignoring_case(field.key, key)) {
            return field.value;
        }
    }
    return std::nullopt;
}

std::string_view text_of(const std::optional<element>& value) {
    std::string_view text;
    return value && value->get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

bool is_true(const std::optional<element>& value) {
    bool flag = false;
    return value && value->get(flag) == simdjson::SUCCESS && flag;
}

class Writer {
public:
    Writer(std::string& out, Removed& removed) : out_(out), removed_(removed) {}

    /// `mask`: what Terraform marks as sensitive, in the shape of the value.
    void write(element value, std::optional<element> mask) {
        object members;
        array items;
        std::string_view text;
        if (is_true(mask)) {
            ++removed_["(marked as sensitive)"];
            write_text(symbol("sensitive value"), out_);
        } else if (value.get(members) == simdjson::SUCCESS) {
            write_object(members, mask);
        } else if (value.get(items) == simdjson::SUCCESS) {
            array masks;
            std::vector<element> of_items;
            if (mask && mask->get(masks) == simdjson::SUCCESS) {
                of_items.assign(masks.begin(), masks.end());
            }
            out_ += '[';
            std::size_t i = 0;
            for (const element item : items) {
                out_ += i == 0 ? "" : ",";
                write(item, i < of_items.size() ? std::optional(of_items[i]) : std::nullopt);
                ++i;
            }
            out_ += ']';
        } else if (value.get(text) == simdjson::SUCCESS) {
            if (looks_like_a_secret(text)) {
                ++removed_["(looks like one)"];
                write_text("[removed]", out_);
            } else {
                write_text(text, out_);
            }
        } else {
            out_ += simdjson::minify(value);
        }
    }

private:
    void write_object(object members, std::optional<element> mask) {
        object masks;
        const bool masked = mask && mask->get(masks) == simdjson::SUCCESS;
        const std::string_view type = text_of(member(members, "type"));
        const bool secure =
            equal_ignoring_case(type, "secureString") || equal_ignoring_case(type, "secureObject");
        // {"name": "DB_PASSWORD", "value": "..."}, {"sensitive": true, "value": "..."}
        const bool value_is_secret = names_a_secret(text_of(member(members, "name"))) ||
                                     is_true(member(members, "sensitive"));
        out_ += '{';
        bool first = true;
        const auto key = [&](std::string_view name) {
            out_ += first ? "" : ",";
            first = false;
            write_text(name, out_);
            out_ += ':';
        };
        for (const auto field : members) {
            std::optional<element> inner =
                masked ? member(masks, field.key) : std::optional<element>();
            if (field.key == "after" || field.key == "before" || field.key == "values") {
                const auto marks =
                    member(members, field.key == "values" ? "sensitive_values"
                                                          : std::string(field.key) + "_sensitive");
                inner = marks ? marks : inner;
            }
            if ((secure && equal_ignoring_case(field.key, "defaultValue")) ||
                (value_is_secret && equal_ignoring_case(field.key, "value"))) {
                ++removed_[std::string(field.key)];
                continue;
            }
            if (names_a_secret(field.key)) {
                // The definition of a template's parameter stays, without its default.
                object definition;
                if (field.value.get(definition) == simdjson::SUCCESS &&
                    !text_of(member(definition, "type")).empty() &&
                    !member(definition, "properties")) {
                    ++removed_[std::string(field.key)];
                    key(field.key);
                    out_ += '{';
                    bool inside_first = true;
                    for (const auto part : definition) {
                        if (!equal_ignoring_case(part.key, "defaultValue")) {
                            out_ += inside_first ? "" : ",";
                            inside_first = false;
                            write_text(part.key, out_);
                            out_ += ':';
                            write(part.value, std::nullopt);
                        }
                    }
                    out_ += '}';
                    continue;
                }
                if (!field.value.is_null() && !field.value.is_bool()) {
                    ++removed_[std::string(field.key)];
                    continue;
                }
            }
            key(field.key);
            write(field.value, inner);
        }
        out_ += '}';
    }

    std::string& out_;
    Removed& removed_;
};

}  // namespace

bool names_a_secret(std::string_view key) {
    const std::string word = plain(key);
    if (word.empty()) {
        return false;
    }
    return std::any_of(
               kSecretKeys.begin(), kSecretKeys.end(),
               [&](std::string_view part) { return word.find(part) != std::string::npos; }) ||
           std::any_of(kSecretWholeKeys.begin(), kSecretWholeKeys.end(),
                       [&](std::string_view whole) { return word == plain(whole); });
}

bool looks_like_a_secret(std::string_view text) {
    const auto has = [&](std::string_view part) {
        return text.find(part) != std::string_view::npos;
    };
    if (text.size() < 12) {
        return false;
    }
    return has("PRIVATE KEY-----") || has("AccountKey=") || has("SharedAccessKey=") ||
           has("SharedAccessSignature=") || has("Password=") || has("pwd=") || has("PWD=") ||
           (has("sig=") && has("se=")) ||
           (text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2);
}

void write_text(std::string_view text, std::string& out) {
    constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(c) >> 4U];
                    out += kHex[static_cast<unsigned char>(c) & 15U];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void write_without_secrets(element document, std::string& out, Removed& removed) {
    Writer(out, removed).write(document, std::nullopt);
}

}  // namespace azreach
