// Numbers, comparisons, truth values, CIDR blocks and dates.
// Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric,
// .../template-functions-comparison, .../template-functions-cidr, .../template-functions-date
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "models/net/prefix.hpp"
#include "src/template/functions.hpp"

namespace azreach::arm_template {

namespace {

Value number(std::int64_t value) { return Value::of(value); }

[[noreturn]] void overflow(const Arguments& arguments) {
    throw FunctionError{
        "a result of " + std::string(arguments.function()) + " that does not fit into 64 bits",
        "a smaller one"};
}

Value add(const Arguments& arguments) {
    std::int64_t result = 0;
    if (__builtin_add_overflow(arguments.integer(0), arguments.integer(1), &result)) {
        overflow(arguments);
    }
    return number(result);
}
Value sub(const Arguments& arguments) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(arguments.integer(0), arguments.integer(1), &result)) {
        overflow(arguments);
    }
    return number(result);
}
Value mul(const Arguments& arguments) {
    std::int64_t result = 0;
    if (__builtin_mul_overflow(arguments.integer(0), arguments.integer(1), &result)) {
        overflow(arguments);
    }
    return number(result);
}
/// Both operands of a division; neither by zero nor past the range.
std::pair<std::int64_t, std::int64_t> operands(const Arguments& arguments) {
    const std::int64_t a = arguments.integer(0);
    const std::int64_t b = arguments.integer(1);
    if (b == 0) {
        arguments.fail(1, "a number other than 0");
    }
    if (a == std::numeric_limits<std::int64_t>::min() && b == -1) {
        overflow(arguments);
    }
    return {a, b};
}
Value div(const Arguments& arguments) {
    const auto [a, b] = operands(arguments);
    return number(a / b);
}
Value mod(const Arguments& arguments) {
    const auto [a, b] = operands(arguments);
    return number(a % b);
}

Value int_of(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (value.kind == Value::Kind::real && value.real >= -9e15 && value.real <= 9e15) {
        return number(static_cast<std::int64_t>(value.real));
    }
    return number(arguments.integer(0));
}

Value float_of(const Arguments& arguments) {
    const Value& value = arguments[0];
    Value result;
    result.kind = Value::Kind::real;
    if (value.is_text()) {
        const char* end = value.text.data() + value.text.size();
        const auto parsed = std::from_chars(value.text.data(), end, result.real);
        if (parsed.ec == std::errc{} && parsed.ptr == end) {
            return result;
        }
        arguments.fail(0, "a number");
    }
    if (!value.is_number()) {
        arguments.fail(0, "a number");
    }
    result.real =
        value.kind == Value::Kind::integer ? static_cast<double>(value.integer) : value.real;
    return result;
}

Value extreme(const Arguments& arguments, bool greatest) {
    std::vector<std::int64_t> numbers;
    if (arguments.size() == 1 && arguments[0].is_array()) {
        std::vector<Value> all = arguments[0].items;
        for (Value& item : all) {
            if (item.is_symbolic()) {
                throw NotKnown{};
            }
            if (item.kind != Value::Kind::integer) {
                arguments.fail(0, "an array of integers");
            }
            numbers.push_back(item.integer);
        }
    } else {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            numbers.push_back(arguments.integer(i));
        }
    }
    if (numbers.empty()) {
        throw FunctionError{"an empty array", "at least one number"};
    }
    return number(greatest ? *std::max_element(numbers.begin(), numbers.end())
                           : *std::min_element(numbers.begin(), numbers.end()));
}
Value min(const Arguments& arguments) { return extreme(arguments, false); }
Value max(const Arguments& arguments) { return extreme(arguments, true); }

Value range(const Arguments& arguments) {
    const std::int64_t first = arguments.integer(0);
    const std::int64_t count = arguments.integer(1);
    if (count < 0 || count > 10000) {
        arguments.fail(1, "a count from 0 to 10000");
    }
    if (first > 2147483647 || first < -2147483648LL || first + count > 2147483648LL) {
        arguments.fail(0, "integers up to 2147483647");
    }
    Value result = Value::array();
    for (std::int64_t i = 0; i < count; ++i) {
        result.items.push_back(number(first + i));
    }
    return result;
}

// --- comparison and logic
// -------------------------------------------------------------------------

Value equals(const Arguments& arguments) {
    switch (equal(arguments[0], arguments[1])) {
        case Truth::yes:
            return Value::of(true);
        case Truth::no:
            return Value::of(false);
        case Truth::open:
            break;
    }
    throw NotKnown{};
}

/// Negative, zero, positive: numbers by value, texts by their characters.
int compared(const Arguments& arguments) {
    const Value& a = arguments[0];
    const Value& b = arguments[1];
    if (a.is_text() && b.is_text()) {
        return a.text.compare(b.text);
    }
    const std::int64_t x = arguments.integer(0);
    const std::int64_t y = arguments.integer(1);
    return x < y ? -1 : x > y ? 1 : 0;
}
Value less(const Arguments& arguments) { return Value::of(compared(arguments) < 0); }
Value less_or_equals(const Arguments& arguments) { return Value::of(compared(arguments) <= 0); }
Value greater(const Arguments& arguments) { return Value::of(compared(arguments) > 0); }
Value greater_or_equals(const Arguments& arguments) { return Value::of(compared(arguments) >= 0); }

Value bool_of(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (value.kind == Value::Kind::boolean) {
        return value;
    }
    if (value.kind == Value::Kind::integer) {
        return Value::of(value.integer != 0);
    }
    const std::string text = lower(arguments.text(0));
    if (text == "true" || text == "1") return Value::of(true);
    if (text == "false" || text == "0") return Value::of(false);
    arguments.fail(0, "true or false");
}

Value negation(const Arguments& arguments) {
    if (arguments[0].kind != Value::Kind::boolean) {
        arguments.fail(0, "a boolean");
    }
    return Value::of(!arguments[0].boolean);
}

Value yes(const Arguments&) { return Value::of(true); }
Value no(const Arguments&) { return Value::of(false); }
Value null(const Arguments&) { return {}; }

// --- CIDR
// -----------------------------------------------------------------------------------------

Prefix network_of(const Arguments& arguments) {
    const std::string& text = arguments.text(0);
    const auto parsed = parse_prefix(text);
    if (!parsed || text.find('/') == std::string::npos) {
        arguments.fail(0, "a CIDR block such as 10.0.0.0/16");
    }
    return parsed->prefix;
}

Value parse_cidr(const Arguments& arguments) {
    const Prefix network = network_of(arguments);
    const bool v4 = network.family() == Family::v4;
    const Uint128 all = max_value(network.family());
    const int host_bits = width(network.family()) - network.length();
    const Uint128 hosts = host_bits >= 128 ? all : (Uint128{1} << host_bits) - 1;
    const auto text = [&](Uint128 value) {
        return Value::of(to_string(Address{network.family(), value}));
    };
    Value result = Value::object();
    result.set("network", text(network.first().value));
    result.set("netmask", text(all & ~hosts));
    const bool edges = v4 && host_bits > 1;  // the block has a network and a broadcast address
    if (v4) {
        result.set("broadcast", text(network.last().value));
    }
    result.set("firstUsable", text(network.first().value + (edges ? 1 : 0)));
    result.set("lastUsable", text(network.last().value - (edges ? 1 : 0)));
    result.set("cidr", number(network.length()));
    return result;
}

Value cidr_subnet(const Arguments& arguments) {
    const Prefix network = network_of(arguments);
    const std::int64_t length = arguments.integer(1);
    const std::int64_t index = arguments.integer(2);
    if (length < network.length() || length > width(network.family())) {
        arguments.fail(1, "a prefix length from " + std::to_string(network.length()) + " to " +
                              std::to_string(width(network.family())));
    }
    const int more = static_cast<int>(length) - network.length();
    const Uint128 count = more >= 63 ? Uint128{1} << 63 : Uint128{1} << more;
    if (index < 0 || static_cast<Uint128>(index) >= count) {
        arguments.fail(2, "the index of a subnet within the block");
    }
    const int shift = width(network.family()) - static_cast<int>(length);
    const Uint128 offset = shift >= 128 ? 0 : static_cast<Uint128>(index) << shift;
    const Address first{network.family(), network.first().value + offset};
    return Value::of(to_string(first) + "/" + std::to_string(length));
}

/// The host with index 0 is the first after the network's own address, in both families.
Value cidr_host(const Arguments& arguments) {
    const Prefix network = network_of(arguments);
    const std::int64_t index = arguments.integer(1);
    const Uint128 size = network.last().value - network.first().value;
    const Uint128 usable = network.family() == Family::v4 && size > 0 ? size - 1 : size;
    if (index < 0 || static_cast<Uint128>(index) >= usable) {
        arguments.fail(1, "the index of a host within the block");
    }
    return Value::of(to_string(
        Address{network.family(), network.first().value + static_cast<Uint128>(index) + 1}));
}

// --- dates
// ----------------------------------------------------------------------------------------

/// Days since 1970-01-01 of a day of the Gregorian calendar, and back.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
struct Day {
    std::int64_t year, month, day;
};
Day day_of(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * of_year + 2) / 153;
    const std::int64_t day = of_year - (153 * month + 2) / 5 + 1;
    const std::int64_t calendar_month = month < 10 ? month + 3 : month - 9;
    return {year + era * 400 + (calendar_month <= 2 ? 1 : 0), calendar_month, day};
}

std::string two(std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string iso(std::int64_t seconds) {
    std::int64_t days = seconds / 86400;
    std::int64_t rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        --days;
    }
    const Day day = day_of(days);
    std::string year = std::to_string(day.year);
    year.insert(0, year.size() < 4 ? 4 - year.size() : 0, '0');
    return year + "-" + two(day.month) + "-" + two(day.day) + "T" + two(rest / 3600) + ":" +
           two(rest / 60 % 60) + ":" + two(rest % 60) + "Z";
}

/// "2020-04-07T14:53:14Z", "2020-04-07 14:53:14Z", "20200407T145314Z"; other forms are not known.
std::int64_t seconds_of(const std::string& text) {
    std::string digits;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digits += c;
        } else if (c != '-' && c != ':' && c != 'T' && c != ' ' && c != 'Z') {
            throw NotKnown{};
        }
    }
    if (digits.size() != 14 || !text.ends_with('Z')) {
        throw NotKnown{};
    }
    const auto part = [&](std::size_t at, std::size_t count) {
        std::int64_t value = 0;
        std::from_chars(digits.data() + at, digits.data() + at + count, value);
        return value;
    };
    if (part(4, 2) < 1 || part(4, 2) > 12 || part(6, 2) < 1 || part(6, 2) > 31) {
        throw NotKnown{};
    }
    return days_of(part(0, 4), part(4, 2), part(6, 2)) * 86400 + part(8, 2) * 3600 +
           part(10, 2) * 60 + part(12, 2);
}

Value date_time_to_epoch(const Arguments& arguments) {
    return number(seconds_of(arguments.text(0)));
}
Value date_time_from_epoch(const Arguments& arguments) {
    const std::int64_t seconds = arguments.integer(0);
    if (seconds < -62135596800 || seconds > 253402300799) {
        arguments.fail(0, "seconds of the years 1 to 9999");
    }
    return Value::of(iso(seconds));
}
/// Dates decide nothing about packets: only their names matter, and those are symbols.
Value date_time_add(const Arguments&) { throw NotKnown{}; }

constexpr Function kFunctions[] = {
    {"add", add, 2, 2},
    {"bool", bool_of, 1, 1},
    {"cidrhost", cidr_host, 2, 2},
    {"cidrsubnet", cidr_subnet, 3, 3},
    {"datetimeadd", date_time_add, 2, 3},
    {"datetimefromepoch", date_time_from_epoch, 1, 1},
    {"datetimetoepoch", date_time_to_epoch, 1, 1},
    {"div", div, 2, 2},
    {"equals", equals, 2, 2, true},
    {"false", no, 0, 0},
    {"float", float_of, 1, 1},
    {"greater", greater, 2, 2},
    {"greaterorequals", greater_or_equals, 2, 2},
    {"int", int_of, 1, 1},
    {"less", less, 2, 2},
    {"lessorequals", less_or_equals, 2, 2},
    {"max", max, 1, 64},
    {"min", min, 1, 64},
    {"mod", mod, 2, 2},
    {"mul", mul, 2, 2},
    {"not", negation, 1, 1},
    {"null", null, 0, 0},
    {"parsecidr", parse_cidr, 1, 1},
    {"range", range, 2, 2},
    {"sub", sub, 2, 2},
    {"true", yes, 0, 0},
};

}  // namespace

std::span<const Function> number_functions() { return kFunctions; }

}  // namespace azreach::arm_template
