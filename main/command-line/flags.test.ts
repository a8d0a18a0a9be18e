import { expect, test } from 'vitest'
import { z } from 'zod'
import { drawWithoutWords } from '../../app/operations/draw-without-words.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Problem } from '../../app/problem.ts'
import { type CommandLine, helpOf, parseCommandLine, placesNamed } from './flags.ts'

const parse = (...argv: string[]): CommandLine => {
  const line = parseCommandLine(textToImage, argv)
  if (line === 'help') throw new Error('help')
  return line
}

const sentence = (...argv: string[]): string => {
  try {
    parseCommandLine(textToImage, argv)
  } catch (error) {
    if (error instanceof Problem) return error.sentence
    throw error
  }
  throw new Error('it was accepted')
}

test('every flag of the issue is read, with the types that the operation takes', () => {
  const argv =
    '--negative text --seed 18446744073709551615 --steps 20 --guidance 5.5 --rescale .7 --sampler DDIMScheduler --karras ' +
    '--width 64 --height=96 --count 3 --model some/folder --out a.png --json --provider cpu --library home'
  expect(parse(...argv.split(' '), 'a red apple, 3d style')).toEqual({
    prompt: 'a red apple, 3d style',
    parameters: {
      negative: 'text',
      seed: '18446744073709551615',
      steps: 20,
      guidance: 5.5,
      rescale: 0.7,
      sampler: 'DDIMScheduler',
      karras: true,
      width: 64,
      height: 96,
      count: 3,
    },
    model: 'some/folder',
    out: 'a.png',
    json: true,
    provider: 'cpu',
    library: 'home',
  })
})

test('nothing but a prompt is needed, and it may be empty or look like a flag', () => {
  const nothing = {
    parameters: {},
    model: undefined,
    out: undefined,
    json: false,
    provider: undefined,
    library: undefined,
  }
  expect(parse('')).toEqual({ prompt: '', ...nothing })
  expect(parse('--', '--seed')).toEqual({ prompt: '--seed', ...nothing })
})

test('switches can be switched off, values may begin with a dash, the last of a flag counts', () => {
  expect(parse('x', '--karras', '--no-karras').parameters).toEqual({ karras: false })
  expect(parse('x', '--negative', '-dark', '--guidance', '-1').parameters).toEqual({ negative: '-dark', guidance: -1 })
  expect(parse('x', '--steps', '4', '--steps=5').parameters).toEqual({ steps: 5 })
})

test.each<[string[], string | RegExp]>([
  [[], 'The prompt is missing. Give it in quotes; "" draws without one.'],
  [['a', 'b'], 'Only one prompt is possible, but there are 2: "a" "b". Put the whole prompt in quotes.'],
  [['x', '--cfg', '7'], /^There is no flag --cfg\. The flags are --negative, .*, --help\.$/],
  [['x', '-s', '7'], /^There is no flag -s\./],
  [['x', '--no-seed'], /^There is no flag --no-seed\./],
  [['x', '--__proto__', '7'], /^There is no flag --__proto__\./],
  [['x', '--steps'], '--steps needs a value after it. See --help.'],
  [['x', '--out', '--json'], '--out needs a value after it. See --help.'],
  [['x', '--json=yes'], '--json takes no value. Write --json alone to switch it on.'],
  [['x', '--steps', 'many'], /^--steps must be a whole number from 1 to 1000, not "many"\./],
  [['x', '--steps', ''], /^--steps must be a whole number from 1 to 1000, not ""\./],
  [['x', '--steps', '0x10'], /^--steps must be .* not "0x10"\./],
  [['x', '--guidance', '5,5'], /^--guidance must be a number from 0 to 100, not "5,5"\./],
  [['x', '--guidance', 'Infinity'], /^--guidance must be a number/],
  [['x', '--provider', 'cuda'], '--provider must be auto, cpu or webgpu, not "cuda". See --help.'],
])('%j is refused in one sentence', (argv, expected) => {
  expect(sentence(...argv)).toMatch(expected)
})

test('another operation brings its own flags', () => {
  const about = { description: 'It does.', widget: 'x', group: 'advanced' }
  const other: Operation = {
    ...textToImage,
    parameters: z.object({
      prompt: z.string().meta({ ...about, title: 'Prompt' }),
      brushSize: z
        .number()
        .max(9)
        .default(2)
        .meta({ ...about, title: 'Brush' }),
      mode: z.enum(['soft', 'hard']).meta({ ...about, title: 'Mode' }),
    }),
  }
  const line = parseCommandLine(other, ['x', '--brush-size', '3', '--mode', 'soft'])
  expect(line).toMatchObject({ parameters: { brushSize: 3, mode: 'soft' } })
  expect(helpOf(other)).toMatch(/--brush-size NUMBER +It does\. A number, at most 9\. Usually 2\./)
  expect(helpOf(other)).toMatch(/--mode NAME +It does\. One of soft, hard\./)
})

test('help is asked for, whatever else is wrong', () => {
  for (const argv of [['--help'], ['-h'], ['a', 'b', '--help']])
    expect(parseCommandLine(textToImage, argv)).toBe('help')
  for (const flag of ['--seed', '--out FILE.png', '--json']) expect(helpOf(textToImage)).toContain(`  ${flag} `)
})

test('LoRAs and embeddings may be given several times; a number behind the last colon is the strength', () => {
  const argv = [
    '--lora',
    'a.safetensors',
    '--lora=C:\\b.safetensors:-0.3',
    '--lora',
    'c:d:.5',
    '--embedding',
    'e',
    '--vae',
    'v',
  ]
  expect(parse('x', ...argv).parameters).toEqual({
    loras: [
      { model: 'a.safetensors' },
      { model: 'C:\\b.safetensors', strength: -0.3 },
      { model: 'c:d', strength: 0.5 },
    ],
    embeddings: [{ model: 'e' }],
    vae: 'v',
  })
  expect(sentence('x', '--lora')).toBe('--lora needs a value after it. See --help.')
})

test('an operation that reads no words takes no prompt, and says so where one is given', () => {
  const line = parseCommandLine(drawWithoutWords, ['--steps', '4', '--eta', '0.5'])
  expect(line).toMatchObject({ prompt: undefined, parameters: { steps: 4, eta: 0.5 } })
  expect(() => parseCommandLine(drawWithoutWords, ['a fox', '--steps', '4'])).toThrow(
    '"Draw without words" reads no prompt, but "a fox" was given.',
  )
})

test('what an operation cannot put beside its model is refused, and is not in its help', () => {
  expect(() => parseCommandLine(drawWithoutWords, ['--image-prompt', 'a.png', '--image-prompt-adapter', 'b'])).toThrow(
    '"Draw without words" takes no --image-prompt.',
  )
  expect(() => parseCommandLine(drawWithoutWords, ['--lora', 'a'])).toThrow('takes no --lora.')
  const help = helpOf(drawWithoutWords)
  for (const flag of ['--lora', '--embedding', '--control', '--control-mode', '--image-prompt-also'])
    expect(help).not.toContain(`  ${flag} `)
})

test('the model is found among flags that are not known yet', () => {
  expect(placesNamed(['a fox', '--steps', '4', '--model', 'some/folder', '--class-label=7'])).toMatchObject({
    model: 'some/folder',
  })
  expect(placesNamed(['--model=here'])).toMatchObject({ model: 'here' })
  expect(placesNamed(['a fox', '--json'])).toEqual({ model: undefined, library: undefined })
})
