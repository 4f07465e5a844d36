#include "runner/sandbox/limits/disk_image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/process.h"
#include "base/strings.h"
#include "runner/sandbox/lend.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostInodes = 2'000'000;
constexpr std::uint64_t kBytesOfAFile = 10'000;  // one inode for each, where that is fewer
constexpr std::size_t kCopied = 64U << 10U;
constexpr int kTries = 20;                                          // other programs take loop devices too
constexpr unsigned long kShutDown = _IOR('X', 125, std::uint32_t);  // EXT4_IOC_SHUTDOWN
constexpr std::uint32_t kWithoutWriting = 2;

tl::unexpected<Error> io_error(const std::string& doing) {
  return fail(Errc::io, fmt::format("making a build's disk: {}: {}", doing, std::strerror(errno)));
}

Result<Fd> nameless_file(const fs::path& folder, std::uint64_t bytes) {
  Fd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file) return io_error("a file without a name in " + folder.string());
  if (ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return io_error("its size");
  return file;
}

// mkfs wants a name, so the file has one for that long.
Result<Fd> empty_file_system(const fs::path& parent, std::uint64_t bytes) {
  const fs::path name = parent / ".empty-disk";
  (void)unlink(name.c_str());
  Fd file(::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (!file) return io_error(name.string());
  if (ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return io_error("its size");
  const std::uint64_t files = std::clamp<std::uint64_t>(bytes / kBytesOfAFile, 1'000, kMostInodes);
  SystemProcesses processes;
  ProcessSpec spec;
  // No journal: a disk that ends with its build needs none, and is faster than the host's without it.
  spec.argv = {"mkfs.ext4",
               "-q",
               "-F",
               "-m",
               "0",
               "-O",
               "^has_journal,^resize_inode",
               "-E",
               "lazy_itable_init=1,nodiscard",
               "-N",
               std::to_string(files),
               name.string()};
  spec.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
  const Result<ProcessEnd> made = processes.run(spec);
  (void)unlink(name.c_str());
  if (!made) return tl::unexpected<Error>(made.error());
  if (!made->ok()) {
    return fail(Errc::io, fmt::format("mkfs.ext4 ended with code {} (package e2fsprogs): {}", made->exit_code,
                                      trim(to_valid_utf8(made->err))));
  }
  return file;
}

// Copies what is not a hole.
Status copy_sparse(int from, int to) {
  std::array<char, kCopied> buffer{};
  off_t at = 0;
  while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
    const off_t end = lseek(from, at, SEEK_HOLE);
    while (at < end) {
      const auto want = std::min<off_t>(end - at, static_cast<off_t>(buffer.size()));
      const ssize_t got = pread(from, buffer.data(), static_cast<std::size_t>(want), at);
      if (got <= 0 || pwrite(to, buffer.data(), static_cast<std::size_t>(got), at) != got)
        return io_error("copying the empty file system");
      at += got;
    }
  }
  if (errno != ENXIO) return io_error("finding the data of the empty file system");
  return {};
}

struct Device {
  Fd open;
  std::string path;
};

// A free loop device over `image`, which frees itself when nobody uses it.
Result<Device> attach(int image) {
  const Fd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control) return io_error("/dev/loop-control");
  for (int tries = 0; tries < kTries; ++tries) {
    const int number = ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return io_error("a free loop device");
    Device device{{}, fmt::format("/dev/loop{}", number)};
    device.open = Fd(::open(device.path.c_str(), O_RDWR | O_CLOEXEC));
    if (!device.open) return io_error(device.path);
    loop_config config{};
    config.fd = static_cast<std::uint32_t>(image);
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    std::strncpy(reinterpret_cast<char*>(config.info.lo_file_name), "kiln-build", LO_NAME_SIZE - 1);
    if (ioctl(device.open.get(), LOOP_CONFIGURE, &config) == 0) return device;
    if (errno != EBUSY) return io_error("setting " + device.path + " up");
  }
  return io_error("a free loop device");
}

}  // namespace

Status enter_own_mounts() {
  // Slave to the host's, and shared with the sandboxes' namespaces, so that a disk unmounted here is not kept
  // by a build that was started while it was mounted.
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) != 0) {
    return fail(Errc::unavailable, fmt::format("a mount namespace of our own: {}", std::strerror(errno)));
  }
  return {};
}

DiskImage::~DiskImage() {
  // What has not reached the image yet need not.
  {
    const Fd top(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::uint32_t how = kWithoutWriting;
    if (top) (void)ioctl(top.get(), kShutDown, &how);
  }
  if (umount2(folder_.c_str(), MNT_DETACH) != 0 || rmdir(folder_.c_str()) != 0) {
    log::warn("a build's disk stays behind folder={} reason={}", folder_.string(),
              log::quoted(std::strerror(errno)));
  }
}

Result<std::unique_ptr<DiskFactory>> DiskFactory::open(const fs::path& parent, std::uint64_t bytes) {
  const auto unavailable = [](Error error) {
    error.code = Errc::unavailable;
    return tl::unexpected<Error>(std::move(error));
  };
  if (geteuid() != 0) return fail(Errc::unavailable, "loop devices are root's alone");
  Result<Fd> empty = empty_file_system(parent, bytes);
  if (!empty) return unavailable(empty.error());
  std::unique_ptr<DiskFactory> factory(new DiskFactory(std::move(*empty), parent, bytes));
  Result<std::unique_ptr<DiskImage>> tried = factory->make("disk-probe");
  if (!tried) return unavailable(tried.error());
  factory->can_lend_ = runner::can_lend((*tried)->folder());
  return factory;
}

Result<std::unique_ptr<DiskImage>> DiskFactory::make(const std::string& name) const {
  Result<Fd> image = nameless_file(parent_, bytes_);
  if (!image) return tl::unexpected<Error>(image.error());
  if (Status copied = copy_sparse(empty_.get(), image->get()); !copied)
    return tl::unexpected<Error>(copied.error());
  const Result<Device> device = attach(image->get());
  if (!device) return tl::unexpected<Error>(device.error());
  const fs::path folder = parent_ / name;
  if (Status made = make_directory(folder, 0700); !made) return tl::unexpected<Error>(made.error());
  // noinit_itable: the kernel would fill the inode tables beside the build. nobarrier: what a build syncs is
  // safe enough in the image, which ends with this process; the host's disk is not to be waited for.
  if (mount(device->path.c_str(), folder.c_str(), "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME,
            "noinit_itable,nobarrier") != 0) {
    auto error = io_error(fmt::format("mounting {} at {}", device->path, folder.string()));
    (void)rmdir(folder.c_str());
    return error;
  }
  auto disk = std::make_unique<DiskImage>(std::move(*image), folder);
  if (chmod(folder.c_str(), 0700) != 0) return io_error(folder.string());
  return disk;
}

}  // namespace kiln::runner
