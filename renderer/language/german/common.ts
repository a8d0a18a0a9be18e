import type { Texts } from '../texts.ts'

/** What is said in several rooms. */
export const common: Texts = {
  '{count} pictures': { one: '{count} Bild', other: '{count} Bilder' },
  Add: 'Hinzufügen',
  Gallery: 'Galerie',
  'The disk is full; {path} could not be written.': 'Der Datenträger ist voll; {path} konnte nicht geschrieben werden.',
}
