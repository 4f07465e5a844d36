// Attestations as `kiln verify` is given them: an envelope, and the statement in one whose signature does not
// matter. What was signed here must verify and read the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "provenance/envelope.h"
#include "provenance/reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace provenance = kiln::provenance;
  static const kiln::Ed25519Key key = *kiln::Ed25519Key::of_seed(std::string(kiln::kEd25519Seed, 'k'));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)provenance::open_envelope(text, key.public_key());
  const kiln::Result<provenance::Attested> attested = provenance::read_statement(text);
  if (attested) {
    if (attested->version.empty() || attested->subjects.empty()) std::abort();
    if (!provenance::differences(attested->subjects, attested->subjects).empty()) {
      // Only a name that stands twice differs from itself.
      for (std::size_t i = 0; i < attested->subjects.size(); ++i) {
        for (std::size_t j = i + 1; j < attested->subjects.size(); ++j) {
          if (attested->subjects[i].name == attested->subjects[j].name) return 0;
        }
      }
      std::abort();
    }
  }
  if (text.empty()) return 0;
  const auto opened = provenance::open_envelope(provenance::sign_statement(text, key), key.public_key());
  if (!opened || *opened != text) std::abort();
  return 0;
}
