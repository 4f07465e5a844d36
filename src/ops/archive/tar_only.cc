// Of libarchive's objects the one that defines this function pulls in every format that the library writes,
// and with them XML, ICU and four more compressors. It is called for an entry that is no file a tar archive
// can hold; backups have plain files alone. Defined twice, the linker says so.
#include <archive.h>

#include <cerrno>

struct archive_entry;

// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" void __archive_write_entry_filetype_unsupported(archive* writer, archive_entry* /*entry*/,
                                                           const char* /*format*/) {
  archive_set_error(writer, EINVAL, "%s", "an entry of this kind is not written");
}
