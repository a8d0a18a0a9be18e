import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readRecipe } from '../app/library/recipe/recipe.ts'
import { modelOfGoldens } from '../app/models/testing.ts'
import { openSafetensors } from '../app/weights/safetensors.ts'

/** The command line as a person runs it, with the embedded model; each run is a process of its own, from the bundles that `npm run generate` makes. */

const program = join(import.meta.dirname, '../dist/command-line.cjs')
const embedded = join(import.meta.dirname, '../native-models/sticker-world')
const root = mkdtempSync(join(tmpdir(), 'sfumato-command-'))
beforeAll(() => void execFileSync(process.execPath, ['scripts/build.mjs', '--programs'], { stdio: 'pipe' }), 60_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folder = root
let number = 0
beforeEach(() => {
  folder = join(root, String(++number))
  mkdirSync(folder)
})

function start(...argv: string[]): ChildProcess {
  const args = [program, 'generate', ...argv, '--library', join(root, 'library'), '--provider', 'cpu']
  const { NODE_OPTIONS: _, ...env } = process.env
  return spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(...argv)
  const text = { out: '', err: '' }
  child.stdout?.on('data', piece => (text.out += piece))
  child.stderr?.on('data', piece => (text.err += piece))
  const [code] = await once(child, 'close')
  return { code, ...text }
}

const quick = ['--steps', '2']

test('a prompt becomes a picture of the size that the model asks for, with its recipe', async () => {
  const { code, out, err } = await run('a red apple', '--seed', '7', '--out', 'apple.png', ...quick)
  expect({ code, out, err }).toEqual({ code: 0, out: 'apple.png (seed 7)\n', err: '' })
  const png = readFileSync(join(folder, 'apple.png'))
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 128])
  expect(readRecipe(png)?.recipe).toMatchObject({
    operation: 'text-to-image',
    seed: '7',
    parameters: { prompt: 'a red apple', steps: 2, guidance: 5, sampler: 'DDIMScheduler' },
    model: { name: 'Sticker World', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  expect(readdirSync(folder)).toEqual(['apple.png'])
})

test('a picture is drawn anew, and filled where a mask says; recipes name what they were made from', async () => {
  await run('a red apple', '--seed', '7', '--out', 'apple.png', ...quick)
  const apple = join(folder, 'apple.png')
  const mask = await sharp({ create: { width: 128, height: 128, channels: 3, background: 'black' } })
    .composite([{ input: { create: { width: 40, height: 50, channels: 3, background: 'white' } }, left: 30, top: 20 }])
    .png()
    .toBuffer()
  writeFileSync(join(folder, 'mask.png'), mask)
  const rework = await run('a lemon', '--image', 'apple.png', '--strength', '0.5', '--out', 'lemon.png', ...quick)
  expect(rework).toMatchObject({ code: 0, err: '' })
  const recipe = readRecipe(readFileSync(join(folder, 'lemon.png')))?.recipe
  expect(recipe).toMatchObject({ operation: 'image-to-image', parameters: { strength: 0.5, width: 128 } })
  expect(recipe?.parents).toEqual([recipe?.parameters.image])

  const filled = await run('a frog', '--image', 'apple.png', '--mask', 'mask.png', '--out', 'frog.png', ...quick)
  expect(filled).toMatchObject({ code: 0, err: '' })
  const pixels = (path: string) => sharp(path).raw().toBuffer()
  const [before, after] = [await pixels(apple), await pixels(join(folder, 'frog.png'))]
  const marks = await sharp(mask).removeAlpha().raw().toBuffer()
  const differs = before.map((value, k) => (value === after[k] ? 0 : 1))
  expect(differs.filter((each, k) => each === 1 && marks[k] === 0).length).toBe(0)
  expect(differs.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(3000)
  await expectRefusal(['--image', 'nowhere.png', ...quick], /nowhere\.png/)
  await expectRefusal(['--image', 'apple.png', '--strength', '2', ...quick], /--strength/)
})

test('several pictures: a line of JSON each, seeds exact and counted on, each drawn again alone', async () => {
  const { code, out } = await run(
    '',
    '--seed',
    '18446744073709551615',
    '--count',
    '2',
    '--out',
    'a.png',
    '--json',
    ...quick,
  )
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines.map(line => line.slice(0, 55))).toEqual([
    '{"file":"a-1.png","seed":18446744073709551615,"recipe":',
    '{"file":"a-2.png","seed":0,"recipe":{"operation":"text-',
  ])
  expect(readdirSync(folder)).toEqual(['a-1.png', 'a-2.png'])
  expect((await run('', '--seed', '0', '--out', 'b.png', ...quick)).code).toBe(0)
  expect(readFileSync(join(folder, 'b.png'))).toEqual(readFileSync(join(folder, 'a-2.png')))
})

test('a model without words is drawn with by what is for it, without a prompt', async () => {
  const pixels = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])
  const { code, out, err } = await run('--model', pixels, '--seed', '7', '--out', 'noise.png', ...quick)
  expect({ code, out, err }).toEqual({ code: 0, out: 'noise.png (seed 7)\n', err: '' })
  expect(readRecipe(readFileSync(join(folder, 'noise.png')))?.recipe.operation).toBe('draw-without-words')
  const refused = await run('a fox', '--model', pixels, ...quick)
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('"Draw without words" reads no prompt, but "a fox" was given.')
})

/** A copy of the embedded model whose weights are links, to be spoiled. */
function model(): string {
  const copy = join(folder, 'model')
  cpSync(embedded, copy, { recursive: true, filter: path => !path.endsWith('.safetensors') })
  for (const part of ['text_encoder/model', 'unet/diffusion_pytorch_model', 'vae/diffusion_pytorch_model']) {
    symlinkSync(join(embedded, `${part}.safetensors`), join(copy, `${part}.safetensors`))
  }
  return copy
}

function changeJson(path: string, changes: Record<string, unknown>): void {
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

const unetWeights = 'unet/diffusion_pytorch_model.safetensors'

function replaceWeights(path: string, content: Uint8Array): void {
  rmSync(path)
  writeFileSync(path, content)
}

/** One line on stderr, exit code 1, no picture. */
async function expectRefusal(argv: string[], sentence: RegExp | string): Promise<void> {
  const before = readdirSync(folder)
  const { code, out, err } = await run('x', '--out', join(folder, 'a.png'), ...argv)
  expect(err.trimEnd().split('\n')).toEqual([expect.stringMatching(sentence)])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(readdirSync(folder)).toEqual(before)
}

describe('bad input is refused in one sentence, exit code 1, nothing written', () => {
  test.each([
    [['--cfg', '7'], /^There is no flag --cfg\. /],
    [['--steps', '0'], /^--steps: Steps must be a whole number from 1 to 1000; 0 was given\.$/],
    [['--width', '100'], /^--width: Width must be a multiple of 8 for Sticker World; 100 is not\. Use 104\.$/],
    [['--sampler', 'Magic'], /^--sampler: Sampler cannot be "Magic"\. Choose one of .*DDIMScheduler/],
    [['--seed', '18446744073709551616'], /^--seed: .* a whole number from 0 to 18446744073709551615\.$/],
    [['--count', '1000000000'], /^--count: .* from 1 to 64/],
    [['--out', '/proc/a.png'], /^\/proc /],
    [['--model', '/none'], /^There is no model "\/none" on this computer\. /],
    [['--model', tmpdir()], /has no model_index\.json\. /],
  ])('%j', (argv, sentence) => expectRefusal(argv, sentence))

  test('weights that are missing, cut off, or of another model; a part of an unknown class', async () => {
    const path = model()
    const whole = readFileSync(join(path, unetWeights))
    changeJson(join(path, 'unet/config.json'), { block_out_channels: [64, 128, 256] })
    await expectRefusal(
      ['--model', path],
      /^".*" in .*unet.*\.safetensors is \[[\d,]+\], but this model expects \[[\d,]+\]\. /,
    )
    replaceWeights(join(path, unetWeights), whole.subarray(0, 1_000_000))
    await expectRefusal(
      ['--model', path],
      /unet.*\.safetensors is not a sound safetensors file: it has 1000000 bytes, but /,
    )
    rmSync(join(path, unetWeights))
    await expectRefusal(['--model', path], /unet holds no weights/)
    changeJson(join(path, 'model_index.json'), { unet: ['diffusers', 'UNet3DConditionModel'] })
    await expectRefusal(['--model', path], /unet of .* is of class UNet3DConditionModel, which is not known here\. /)
  })

  test('weights that lack a tensor name it, with what was expected', async () => {
    const path = model()
    const bytes = readFileSync(join(path, unetWeights))
    const [name] = [...openSafetensors(join(path, unetWeights)).tensors.keys()].filter(key => key.includes('to_q'))
    const at = bytes.indexOf(name)
    bytes.write('X', at)
    replaceWeights(join(path, unetWeights), bytes)
    await expectRefusal(['--model', path], new RegExp(`has no "${name}", which this model expects as \\[`))
  })

  test('no prompt, no command', async () => {
    expect(await run('--out', 'a.png')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The prompt is missing\./),
    })
    const other = spawn(process.execPath, [program, 'draw'], { stdio: 'ignore' })
    expect((await once(other, 'close'))[0]).toBe(1)
  })
})

test('a full disk is told, nothing half written stays, and the picture is safe in the library', async context => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('no right to mount a small disk')
  }
  try {
    const { code, err } = await run('x', '--out', join(disk, 'a.png'), ...quick)
    expect(code).toBe(1)
    const [, blob] = /disk is full\. .* safe in the library: (.*)\.$/.exec(err.trim()) ?? []
    expect(existsSync(blob)).toBe(true)
    expect(readdirSync(disk)).toEqual([])
  } finally {
    execFileSync('umount', [disk])
  }
})

/** Processes that a process started; none once it is gone. */
const childrenOf = (pid: number | undefined): string[] => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
  } catch {
    return []
  }
}

/** Whether a process runs; one that ended and was not yet asked for (a zombie) does not. */
const isRunning = (pid: string): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

test.skipIf(process.platform === 'win32')(
  'Ctrl+C ends it at once with 130 and leaves nothing behind, neither files nor processes',
  async () => {
    const child = start('x', '--steps', '500', '--count', '64', '--width', '512', '--height', '512', '--out', 'a.png')
    await wait(2000)
    const children = childrenOf(child.pid)
    expect(children).toHaveLength(1)
    const asked = performance.now()
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
    expect(performance.now() - asked).toBeLessThan(500)
    await wait(200)
    expect(children.filter(isRunning)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  },
)
