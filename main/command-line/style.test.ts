import { expect, test } from 'vitest'
import type { Styles } from '../../app/library/styles.ts'
import { testLibrary } from '../../app/library/testing.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { parseCommandLine } from './flags.ts'
import { styled } from './generate.ts'

test('a style puts its words on the prompts, and its values where none is given', () => {
  const { styles } = testLibrary()
  styles.save([
    { name: 'Ink', prompt: 'ink of {prompt}', negative: 'blurred', parameters: { steps: 4, guidance: 3, x: 1 } },
  ])
  const line = parseCommandLine(textToImage, ['a fox', '--steps', '8', '--negative', 'red', '--style', 'ink'])
  if (line === 'help') throw new Error('help was not asked for')
  expect(line.style).toBe('ink')
  const given = { ...line.parameters, prompt: line.prompt }
  const desk = { styles: deskOf(styles) }
  expect(styled(textToImage, given, desk, line.style)).toEqual({
    ...{ prompt: 'ink of a fox', negative: 'red, blurred', steps: 8, guidance: 3 },
  })
  expect(styled(textToImage, given, desk, undefined)).toBe(given)
  expect(() => styled(textToImage, given, desk, 'oil')).toThrow('There is no style "oil" in the library.')
})

const deskOf = (styles: Styles) => ({
  list: () => styles.list(),
  get: (name: string) => styles.get(name),
  save: (all: Parameters<Styles['save']>[0]) => styles.save(all),
  remove: (name: string) => styles.remove(name),
  importFrom: () => 0,
})
