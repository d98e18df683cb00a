#include "src/report/findings.hpp"

#include <fmt/format.h>

namespace azreach::report {

int rank_of(std::string_view severity) {
    return severity == "critical" ? 0
           : severity == "high"   ? 1
           : severity == "medium" ? 2
           : severity == "low"    ? 3
                                  : 4;
}

std::string uri_of(const std::string& file) {
    std::string result = file.starts_with("/") ? "file://" : "";
    std::string path = file;
    while (path.starts_with("./")) {
        path.erase(0, 2);
    }
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || c == '/' || c == '-' || c == '_' ||
                           c == '.' || c == '~';
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return result;
}

}  // namespace azreach::report
