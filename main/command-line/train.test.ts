import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { describeCheckpoint } from '../../app/models/describe.ts'
import { Problem } from '../../app/problem.ts'
import { train } from './train.ts'

function terminal() {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-train-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const written: string[] = []
  const stream = { isTTY: false, columns: 80, write: (text: string) => written.push(text) > 0 }
  return { folder, written, stdout: stream, stderr: stream }
}

const run = (argv: readonly string[], where = terminal()) =>
  train(argv, 'native-models', where, new AbortController().signal)

test('help names the flags of a trainer, with what is usual', async () => {
  const where = terminal()
  await run(['lora', '--help'], where)
  const [help = ''] = where.written
  expect(help).toMatch(/^Usage: npm run train -- lora --images DIR \[flags\]/)
  for (const flag of ['--images', '--identifier', '--class', '--steps', '--rank', '--class-images']) {
    expect(help).toContain(`  ${flag} `)
  }
})

test('an unknown trainer says which there are', async () => {
  await expect(run(['lorra'])).rejects.toMatchObject({ code: 'COMMAND_LINE', hint: expect.stringContaining('lora') })
})

test('a new model without words opens as one; a folder that exists and sizes that do not fit are refused', async () => {
  const where = terminal()
  await run(['new', '--out', 'fresh', '--size', '16', '--widths', '32,64'], where)
  const folder = join(where.folder, 'fresh')
  expect(describeCheckpoint(folder)).toMatchObject({ kind: 'unconditional', defaults: { width: 16, height: 16 } })
  await expect(run(['new', '--out', 'fresh'], where)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  for (const wrong of [
    ['--size', '15'],
    ['--widths', '30'],
    ['--widths', 'x'],
  ]) {
    await expect(run(['new', '--out', 'other', ...wrong], where)).rejects.toMatchObject({ code: 'COMMAND_LINE' })
  }
  expect(existsSync(join(where.folder, 'other'))).toBe(false)
})

test('the same command finds the training that it began, also without a seed', async () => {
  const where = terminal()
  await run(['new', '--out', 'fresh', '--size', '16', '--widths', '32'], where)
  for (const name of ['red', 'blue']) {
    mkdirSync(join(where.folder, 'pictures', name), { recursive: true })
    const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: name } }).png()
    for (const k of [1, 2, 3]) await picture.toFile(join(where.folder, 'pictures', name, `${k}.png`))
  }
  const asked = ['classifier', '--images', 'pictures', '--model', 'fresh', '--steps', '2', '--library', 'home']
  // A name alone is no other training: what is learned is the same.
  await run([...asked, '--name', 'first'], where)
  await run([...asked, '--name', 'second'], where)
  expect(readdirSync(join(where.folder, 'home', 'training'))).toHaveLength(1)
  const [first, second] = ['first', 'second'].map(name =>
    readFileSync(join(where.folder, 'home', 'models', 'classifiers', `${name}.safetensors`)),
  )
  expect(first.equals(second)).toBe(true)
}, 60_000)

test('a training that is stopped says that the same command goes on', async () => {
  const where = terminal()
  const stop = new AbortController()
  await run(['new', '--out', 'fresh', '--size', '16', '--widths', '32'], where)
  stop.abort(new Problem('STOPPED', 'Stopped.'))
  const asked = ['classifier', '--images', '.', '--model', 'fresh', '--library', 'home']
  await expect(train(asked, 'native-models', where, stop.signal)).rejects.toMatchObject({ code: 'STOPPED' })
  expect(where.written.at(-1)).toBe('Stopped. The same command goes on from here.\n')
}, 60_000)
