import type { Texts } from './texts.ts'

/** English stands in the code itself; here are only the forms of the texts that say a number. */
export const english: Texts = {
  '{count} files': { one: '{count} file', other: '{count} files' },
  '{count} other files are left out.': {
    one: '{count} other file is left out.',
    other: '{count} other files are left out.',
  },
  '{count} layers': { one: '{count} layer', other: '{count} layers' },
  '{count} pictures': { one: '{count} picture', other: '{count} pictures' },
}
