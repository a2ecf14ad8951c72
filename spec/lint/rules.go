package lint

// rules are all rules, by group. A rule without a Check is found by spec.Load, and explained here.
var rules = []*Rule{
	// Files
	yamlSyntax,
	duplicateKey,
	unknownKey,
	wrongType,
	missingKey,
	badValue,
	badName,
	nameMismatch,
	definedTwice,
	yamlTrap,
	encoding,
	twoKinds,
	unusedSuppression,

	// Names
	missingFile,
	outsideProject,

	// Expressions

	// Schemas
	badSchema,
	unsatisfiable,
	remoteRef,
	providerStrictness,
	openResult,
	badDefault,

	// Skills
	skillFrontmatter,
	skillName,
	skillDescription,
	skillField,
}
