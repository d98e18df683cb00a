// --timeout: an answer that takes longer is unknown (exit 3), said on stderr.
#pragma once

#include <chrono>
#include <optional>

namespace azreach::cli {

/// Arms a timer for its lifetime. When it fires the process says so and ends with exit code 3
/// (the answer is unknown); nothing has been written by then but what was already complete.
class Timeout {
public:
    explicit Timeout(std::optional<std::chrono::milliseconds> limit);
    ~Timeout();
    Timeout(const Timeout&) = delete;
    Timeout& operator=(const Timeout&) = delete;

private:
    bool armed_ = false;
};

}  // namespace azreach::cli
