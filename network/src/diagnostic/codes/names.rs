//! RF2xx: names, references, modules, overlays, tables, selections, expressions, custom resources.

codes! {
    UNKNOWN_REFERENCE = "RF201" "unknown-reference" "a name refers to nothing";
    DUPLICATE_NAME = "RF202" "duplicate-name" "two things have one name";
    WRONG_NOUN = "RF203" "wrong-noun" "a name refers to a thing of another kind";
    EMPTY_SELECTION = "RF204" "empty-selection" "a selection yields nothing";
    UNKNOWN_SELECTION = "RF205" "unknown-selection" "things of this kind cannot be selected here";
    CYCLE = "RF206" "cycle" "areas or modules are defined by themselves";
    UNKNOWN_PARAMETER = "RF210" "unknown-parameter" "a parameter that is used or given does not exist";
    MISSING_PARAMETER = "RF211" "missing-parameter" "a parameter without a default is not given";
    EMPTY_MODULE = "RF212" "empty-module" "the folder of a module holds no intent files";
    UNKNOWN_OVERLAY = "RF213" "unknown-overlay" "there is no overlay of the name asked for";
    UNUSED_MODULE = "RF214" "unused-module" "a subfolder declares parameters and no module is made of it";
    TABLE_SYNTAX = "RF220" "table-syntax" "a table is not well-formed CSV, YAML or JSON";
    UNKNOWN_COLUMN = "RF221" "unknown-column" "a table has no such column";
    EMPTY_KEY = "RF222" "empty-key" "a table row has no key";
    TABLE_MAPPING = "RF223" "table-mapping" "a table block does not say what its rows become";
    UNKNOWN_PATH = "RF230" "unknown-path" "an expression speaks of an attribute that does not exist";
    EXPRESSION_TYPE = "RF231" "expression-type" "an expression combines values that do not go together";
    RESOURCES_UNREADABLE = "RF240" "resources-unreadable" "a file of custom resources is no YAML, empty, too large or nested too deep";
    RESOURCE_KIND = "RF241" "resource-kind" "an object is none of the custom resources of this version";
    RESOURCE_FIELD = "RF242" "resource-field" "a field of a custom resource is unknown, missing, or has a value that it cannot have";
    RESOURCE_NAME = "RF243" "resource-name" "a custom resource has no usable name, or two are one thing";
}
