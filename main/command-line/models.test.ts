import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemCode, temporaryFolder } from '../../app/library/testing.ts'
import { models } from './models.ts'

const embedded = join(import.meta.dirname, '../../native-models')
const checkpoint = join(import.meta.dirname, '../../test/parity/goldens/models/single_file/sd1.safetensors')

/** A person's folder with one checkpoint and one file that is none, and what the commands write. */
function shell() {
  const folder = temporaryFolder()
  const text = { out: '', err: '' }
  mkdirSync(join(folder, 'models'))
  cpSync(checkpoint, join(folder, 'models/dream.safetensors'))
  writeFileSync(join(folder, 'models/half.ckpt'), 'x')
  const writeTo = (place: 'out' | 'err') => (words: string) => {
    text[place] += words
    return true
  }
  const stdout = { write: writeTo('out') }
  const stderr = { write: writeTo('err'), isTTY: false, columns: 80 }
  const run = async (...argv: string[]) => {
    Object.assign(text, { out: '', err: '' })
    await models([...argv, '--library', 'library'], embedded, { stdout, stderr, folder }, new AbortController().signal)
    return { ...text }
  }
  return { folder, run }
}

test('import, list, show, remove: paths are relative to where the person is', async () => {
  const { folder, run } = shell()
  const imported = await run('import', 'models')
  expect(imported.out).toMatch(/^checkpoint +sd1 +fp32 .* dream {2}\(file-[0-9a-f]{16}\)/)
  expect(imported.out).toContain('1 of 2 imported')
  expect(imported.err).toContain(join(folder, 'models/half.ckpt'))
  expect((await run('list')).out).toContain('Sticker World')
  const [line] = (await run('list', '--kind', 'checkpoint', '--json')).out
    .split('\n')
    .filter(text => text.includes('dream'))
  expect(JSON.parse(line)).toMatchObject({ name: 'dream', kind: 'checkpoint', family: 'sd1', embedded: false })
  expect((await run('show', 'DREAM')).out).toContain(`path           ${join(folder, 'models/dream.safetensors')}`)
  expect((await run('remove', join('models', 'dream.safetensors'))).out).toContain('stays where it is')
  expect((await run('list')).out).not.toContain('dream')
})

test.each([
  [['paint'], 'COMMAND_LINE'],
  [['import'], 'COMMAND_LINE'],
  [['list', '--kind', 'song'], 'COMMAND_LINE'],
  [['list', '--what'], 'COMMAND_LINE'],
  [['show', 'nobody'], 'MODEL_UNKNOWN'],
  [['remove', 'sticker-world'], 'COMMAND_LINE'],
  [['check', 'sticker-world'], 'COMMAND_LINE'],
  [['check', 'sticker-world', '--precision', 'fp32'], 'COMMAND_LINE'],
  [['check', '--precision', '8 bit'], 'COMMAND_LINE'],
  [['check', 'sticker-world', '--precision', '8 bit', '--what'], 'COMMAND_LINE'],
  [['check', 'nobody', '--precision', '8 bit'], 'MODEL_UNKNOWN'],
  [['import', 'nothing'], 'FILE_MISSING'],
  [['import', 'models/half.ckpt'], 'MODELS_REFUSED'],
])('%j is refused: %s', async (argv, code) => {
  expect(await problemCode(() => shell().run(...argv))).toBe(code)
})

test('check: what a model loses in few bits, kept in the library', async () => {
  const { run } = shell()
  expect((await run('check', 'sticker-world', '--precision', '8-bit')).out).toMatch(
    /^sticker-world: 8 bit \d+\.\d dB; 45 and more nobody sees\n$/,
  )
  const { out } = await run('check', 'sticker-world', '--precision', '8', '--json')
  expect(JSON.parse(out)).toEqual({ model: 'sticker-world', precision: '8 bit', decibels: expect.any(Number) })
})
