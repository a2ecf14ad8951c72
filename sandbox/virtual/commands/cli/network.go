package cli

// NoNetwork is said by what needs a network in a sandbox that has none.
const NoNetwork = "this sandbox has no network; the sandbox's file grants URLs under network.allow"
