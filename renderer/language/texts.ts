/** A text that says a number, in the forms that a language has for numbers (CLDR: one, few, many, other). */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string }

/** The texts of a language by the English ones. Holes are named in braces: `{count} pictures`. */
export type Texts = Readonly<Record<string, string | Forms>>
