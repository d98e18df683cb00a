// Our own mistakes: conditions that input never breaks.
#pragma once

#include <stdexcept>

namespace azreach {

/// A bug of azreach itself (exit code 70), never a fault of the input.
class InternalError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Throws InternalError unless `condition` holds. Stays on in release builds.
inline void ensures(bool condition, const char* message) {
    if (!condition) {
        throw InternalError(message);
    }
}

}  // namespace azreach
