# packages.sh: finds and installs the Debian packages that run.sh and test.sh
# need. They source it.

packages_missing() {
	local p
	for p; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
		    grep -qx installed || echo "$p"
	done
}

# Return 0 if the package lists are absent or more than a day old.
packages_stale() {
	[ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' \
	    -mtime -1 2>/dev/null | head -n 1)" ]
}

# Print the package of clang's runtime (sanitizers, libFuzzer). Its name contains
# the version of clang in this release of Debian.
packages_clang_runtime() {
	case $(. /etc/os-release 2>/dev/null; echo "${VERSION_ID:-}") in
	13*)	echo libclang-rt-19-dev ;;
	*)	echo libclang-rt-14-dev ;;
	esac
}

# packages_need PACKAGE...
# Install the packages that are missing, if that is possible without asking (as
# root, or with a sudo that needs no password) and NO_INSTALL is not set. Otherwise
# print the command to run, and exit 1. Return when all packages are installed.
packages_need() {
	local missing as=()
	command -v dpkg-query >/dev/null || {
		echo "not a Debian system: install what configure asks for" >&2
		return 0
	}
	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0

	if [ -n "${NO_INSTALL:-}" ]; then
		as=(false)
	elif [ "$(id -u)" = 0 ]; then
		as=(env)
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		as=(sudo -n env)
	else
		as=(false)
	fi
	if [ "${as[0]}" = false ]; then
		echo "packages are missing; run this, then try again:" >&2
		! packages_stale || echo "    sudo apt-get update" >&2
		echo "    sudo apt-get install ${missing[*]}" >&2
		exit 1
	fi

	local apt=("${as[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -y
		-o DPkg::Lock::Timeout=600 -o APT::Lock::Timeout=600)
	echo "installing ${missing[*]}"
	! packages_stale || "${apt[@]}" update
	"${apt[@]}" install --no-install-recommends "${missing[@]}" \
	    >/dev/null || {
		# lists that look fresh may still name files that do not exist
		"${apt[@]}" update
		"${apt[@]}" install --no-install-recommends "${missing[@]}" \
		    >/dev/null
	}
}
