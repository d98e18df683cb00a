#include "src/arm/id_index.hpp"

#include <bit>

namespace azreach {

std::size_t IdIndex::slot_of(const ResourceId& id, std::size_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].length != 0) {
        const Slot& slot = slots_[at];
        if (slot.hash == hash &&
            equal_ignoring_case(std::string_view(texts_).substr(slot.offset, slot.length),
                                id.text())) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

void IdIndex::reserve(std::size_t count) {
    const std::size_t wanted = std::bit_ceil(2 * count + 16);
    if (wanted <= slots_.size()) {
        return;
    }
    std::vector<Slot> before(wanted);
    before.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : before) {
        if (slot.length != 0) {
            std::size_t at = slot.hash & mask;
            while (slots_[at].length != 0) {
                at = (at + 1) & mask;
            }
            slots_[at] = slot;
        }
    }
}

std::optional<std::uint32_t> IdIndex::add(const ResourceId& id, std::uint32_t number) {
    if (2 * (count_ + 1) > slots_.size()) {
        reserve(2 * count_ + 1);
    }
    const std::size_t hash = id.hash();
    Slot& slot = slots_[slot_of(id, hash)];
    if (slot.length != 0) {
        return slot.number;
    }
    slot = {hash, texts_.size(), static_cast<std::uint32_t>(id.text().size()), number};
    texts_ += id.text();
    ++count_;
    return std::nullopt;
}

bool IdIndex::contains(const ResourceId& id) const {
    return !slots_.empty() && slots_[slot_of(id, id.hash())].length != 0;
}

}  // namespace azreach
