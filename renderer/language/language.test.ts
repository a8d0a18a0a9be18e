import { afterEach, expect, test } from 'vitest'
import { speak, spoken, systemLanguage, t, textIn } from './language.ts'

afterEach(() => speak('en'))

test('a text without a translation is said as it stands', () => {
  expect(textIn('de', 'Nobody ever says this {where}.', { where: 'here' })).toBe('Nobody ever says this here.')
})

test('texts with a number take the form that the language has for it', () => {
  expect([0, 1, 2].map(count => textIn('en', '{count} pictures', { count }))).toEqual([
    '0 pictures',
    '1 picture',
    '2 pictures',
  ])
  expect([0, 1, 2].map(count => textIn('de', '{count} pictures', { count }))).toEqual([
    '0 Bilder',
    '1 Bild',
    '2 Bilder',
  ])
})

test('what is spoken is what was chosen, or the first language of the system that there is', () => {
  speak('de')
  expect(t('Gallery')).toBe('Galerie')
  expect(systemLanguage(['fr-CH', 'de-CH', 'en'])).toBe('de')
  expect(systemLanguage(['fr'])).toBe('en')
})

test('sentences of the engine are spoken with the names and numbers that are in them', () => {
  const sentence = 'The disk is full; /home/a/library.db could not be written.'
  expect(spoken(sentence)).toBe(sentence)
  speak('de')
  expect(spoken(sentence)).toBe('Der Datenträger ist voll; /home/a/library.db konnte nicht geschrieben werden.')
  expect(spoken('A sentence that no table has.')).toBe('A sentence that no table has.')
})

test('phrases in sentences of the engine are spoken too, and phrases in those; names stay', () => {
  speak('de')
  expect(spoken('/a/b.safetensors is not a sound safetensors file: it has "x" with the impossible shape [0].')).toBe(
    '/a/b.safetensors ist keine einwandfreie safetensors-Datei: sie hat „x“ mit der unmöglichen Form [0].',
  )
  expect(spoken('Steps must be a whole number from 1 to 1000; 0 was given.')).toBe(
    'Schritte muss eine ganze Zahl von 1 bis 1000 sein; gegeben war 0.',
  )
  expect(spoken('/models/a of b.json is too large for a file of settings.')).toBe(
    '/models/a of b.json ist zu groß für eine Datei mit Einstellungen.',
  )
  expect(spoken('"The UNet of controls" was changed in another window meanwhile.')).toContain('The UNet of controls')
  expect(spoken('The unet of /a has "conv", which the others lack.')).toMatch(/^[^{]*„conv“[^{]*$/)
})
