#include "src/cli/timeout.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

namespace azreach::cli {

namespace {

extern "C" void azreach_timed_out(int) {
    static constexpr char kMessage[] =
        "error: --timeout is over: the answer is unknown (TIMEOUT)\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
    _exit(3);
}

}  // namespace

Timeout::Timeout(std::optional<std::chrono::milliseconds> limit) {
    if (!limit) {
        return;
    }
    std::signal(SIGALRM, azreach_timed_out);
    itimerval timer{};
    timer.it_value.tv_sec = limit->count() / 1000;
    timer.it_value.tv_usec = (limit->count() % 1000) * 1000;
    setitimer(ITIMER_REAL, &timer, nullptr);
    armed_ = true;
}

Timeout::~Timeout() {
    if (armed_) {
        const itimerval off{};
        setitimer(ITIMER_REAL, &off, nullptr);
        std::signal(SIGALRM, SIG_DFL);
    }
}

}  // namespace azreach::cli
