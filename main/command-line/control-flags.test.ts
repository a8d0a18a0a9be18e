import { expect, test } from 'vitest'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { controlsOf } from './control-flags.ts'
import { parseCommandLine } from './flags.ts'

test('flags belong to the control before them', () => {
  const line = parseCommandLine(textToImage, [
    ...['a cat', '--control', 'edges', '--control-image', 'a.png', '--steps', '5', '--control-weight', '0.5'],
    ...[
      '--control',
      'pose',
      '--control-image',
      'b.png',
      '--control-end',
      '.6',
      '--control-resize',
      'fit',
      '--control-mode',
      'control',
      '--guess-mode',
    ],
  ])
  if (line === 'help') throw new Error('no help was asked for')
  expect(line.parameters).toEqual({
    steps: 5,
    guessMode: true,
    controls: [
      { model: 'edges', image: 'a.png', weight: 0.5 },
      { model: 'pose', image: 'b.png', end: 0.6, resize: 'fit', mode: 'control' },
    ],
  })
  expect(textToImage.parameters.parse({ prompt: '', ...line.parameters }).controls[0]).toEqual({
    ...{
      model: 'edges',
      image: 'a.png',
      prepare: 'none',
      finder: '',
      low: 100,
      high: 200,
      weight: 0.5,
      start: 0,
      end: 1,
      mode: 'balanced',
      resize: 'fill',
      also: [],
      encoder: '',
    },
  })
})

test('an image prompt takes the flags after it, and several pictures', () => {
  const flags = [
    ...[['--image-prompt', 'a.png'] as const, ['--image-prompt-adapter', 'plus'] as const],
    ...[['--image-prompt-also', 'b.png'] as const, ['--image-prompt-also', 'c.png'] as const],
    ...[
      ['--control', 'edges'] as const,
      ['--control-image', 'd.png'] as const,
      ['--image-prompt-weight', '.6'] as const,
    ],
  ]
  expect(controlsOf(flags)).toEqual([
    { image: 'a.png', model: 'plus', also: ['b.png', 'c.png'], weight: 0.6 },
    { model: 'edges', image: 'd.png' },
  ])
})

test('without controls there is no such parameter', () => {
  const line = parseCommandLine(textToImage, ['a cat'])
  expect(line).toMatchObject({ parameters: {} })
  expect(Object.keys(line === 'help' ? {} : line.parameters)).not.toContain('controls')
})

test.each([
  [[['--control-image', 'a.png'] as const], 'stands before its --control'],
  [[['--control', 'edges'] as const], 'has no picture'],
  [[['--image-prompt', 'a.png'] as const], 'has no IP-Adapter'],
  [[['--control', 'edges'] as const, ['--image-prompt-weight', '1'] as const], 'stands before its --image-prompt'],
  [[['--control', 'edges'] as const, ['--control-weight', 'much'] as const], 'must be a number'],
])('%j is refused', (flags, words) => {
  expect(() => controlsOf(flags)).toThrow(words)
})
