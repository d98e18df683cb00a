// Answers as text for people: answer first, then hops, then where to look.
#pragma once

#include <string>

#include "src/engine/query.hpp"
#include "src/engine/show.hpp"

namespace azreach::report {

struct TextOptions {
    bool color = false;
    bool explain = false;  // every rule considered
};

std::string query_text(const Network& network, const Locator& places, const QueryAnswer& answer,
                       const TextOptions& options);
/// Hops in order, one a line, columns aligned; with options.explain every rule considered.
std::string path_text(const Locator& places, const std::vector<Hop>& path,
                      const TextOptions& options);
std::string show_text(const Network& network, const ShowAnswer& answer);
std::string endpoints_text(const std::vector<Endpoint>& items);
/// "tcp/80,443 udp/53", short: for headings and lists.
std::string service_text(const ServiceSet& service);
/// Control characters (ANSI escapes included) become visible escapes: names come from files.
std::string printable(std::string_view text);

}  // namespace azreach::report
