#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

std::string message_of(const Place& place, const std::string& subject, const std::string& found,
                       const std::string& expected, const std::string& remedy) {
    std::string text = place.file;
    if (!place.pointer.empty()) {
        text += "#" + place.pointer;
    }
    if (place.line != 0) {
        text += " line " + std::to_string(place.line);
        if (place.column != 0) {
            text += " column " + std::to_string(place.column);
        }
    }
    text += "\n  ";
    if (!subject.empty()) {
        text += subject + ": ";
    }
    text += "found " + found;
    if (!expected.empty()) {
        text += ", expected " + expected;
    }
    if (!remedy.empty()) {
        text += "\n  " + remedy;
    }
    return text;
}

}  // namespace

InputError::InputError(Place place, std::string subject, std::string found, std::string expected,
                       std::string remedy)
    : std::runtime_error(message_of(place, subject, found, expected, remedy)),
      place_(std::move(place)) {}

}  // namespace azreach
