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
	unknownRole,
	unknownSkill,
	unknownCommand,
	unknownTool,
	unknownAgent,
	unknownSandbox,
	sandboxCapability,
	containerEngine,
	unknownModelProvider,
	missingFile,
	outsideProject,
	unused,
	agentCycle,
	shadowedSkill,

	// Expressions
	expressionSyntax,
	unknownName,
	typeMismatch,
	constantCondition,
	unreachableStep,
	optionalWithoutDefault,
	returnMismatch,
	unusedPayload,

	// Schemas
	badSchema,
	unsatisfiable,
	remoteRef,
	providerStrictness,
	openResult,
	badDefault,

	// Secrets and reach
	envOutsidePrivileged,
	literalSecret,
	anyArgs,
	badArgs,
	interpreterCommand,
	secretInWorkspaceCommand,
	noTimeout,
	execInWorkspace,
	openNetwork,
	plainHTTP,
	webhookWithoutAuth,
	emptySecret,
	lethalTrifecta,
	hiddenText,
	mcpUnpinned,

	// Models and limits
	badModel,
	floatingModel,
	noLimit,
	limitOrder,
	promptTooLong,

	// Skills
	skillFrontmatter,
	skillName,
	skillDescription,
	skillField,
	skillLink,
	skillTooLong,
	skillScript,
	skillAllowedTools,

	// Triggers
	badCron,
	neverFires,
	unknownTimezone,
	noIdempotency,
	sessionCollision,

	// Workflows
	actionInput,
	untrustedInShell,
	widePermissions,
}
