//! RF1xx: text, syntax and files.

codes! {
    SYNTAX = "RF101" "syntax" "the text does not follow the grammar";
    UNKNOWN_NOUN = "RF102" "unknown-noun" "a block begins with a word that is no noun of the language";
    UNKNOWN_ATTRIBUTE = "RF103" "unknown-attribute" "a noun has no such attribute";
    RESERVED_NOUN = "RF104" "reserved-noun" "the noun is reserved for a later version of the language";
    DUPLICATE_ATTRIBUTE = "RF105" "duplicate-attribute" "an attribute that may stand once is given twice";
    MISSING_ATTRIBUTE = "RF106" "missing-attribute" "a required attribute is not given";
    WRONG_VALUE = "RF107" "wrong-value" "an attribute is given a value of another kind";
    NESTED_TOO_DEEP = "RF108" "nested-too-deep" "blocks or expressions are nested deeper than the limit";
    UNSUPPORTED_LANGUAGE = "RF109" "unsupported-language" "the file asks for a version of the language that this program does not know";
    WRONG_DIMENSION = "RF110" "wrong-dimension" "a quantity measures something else than what is wanted";
    WITHOUT_EFFECT = "RF111" "without-effect" "an attribute changes nothing where it stands";
    FILE_MISSING = "RF120" "file-missing" "a file that is named does not exist";
    FILE_OUTSIDE = "RF121" "file-outside" "a file that is named lies outside the project";
    FILE_TOO_LARGE = "RF122" "file-too-large" "a file is larger than the limit";
    NOT_UTF8 = "RF123" "not-utf8" "a file is not UTF-8 text";
    BYTE_ORDER_MARK = "RF124" "byte-order-mark" "a file begins with a byte order mark";
    CARRIAGE_RETURN = "RF125" "carriage-return" "a file has carriage returns";
    FILE_UNREADABLE = "RF126" "file-unreadable" "a file cannot be read";
    NO_INTENTS = "RF127" "no-intents" "a folder holds no intent file";
    TOO_MANY_ERRORS = "RF190" "too-many-errors" "more findings than a person reads; the rest are counted";
}
