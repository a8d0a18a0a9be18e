import { readdirSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { testHub } from '../app/library/downloads/testing.ts'
import { problemCode } from '../app/library/testing.ts'
import { engineHere, temporaryHome, until } from '../test/faults/studio.ts'
import { getModel } from './command-line/get-model.ts'
import { models } from './command-line/models.ts'

const embedded = join(import.meta.dirname, '../native-models/sticker-world')

/** The embedded model as a hub has it. */
async function hubWithModel() {
  const names = readdirSync(embedded, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(embedded.length + 1))
  const files = Object.fromEntries(names.map(name => [name, readFileSync(join(embedded, name))]))
  const hub = await testHub({ 'harbour/night': { files, card: { license: 'apache-2.0' } } })
  const before = process.env.SFUMATO_HUB
  process.env.SFUMATO_HUB = hub.address
  onTestFinished(() => {
    if (before === undefined) delete process.env.SFUMATO_HUB
    else process.env.SFUMATO_HUB = before
  })
  return hub
}

test('over the API: a model is looked up, fetched with progress, and stands in the list, ready to draw', async () => {
  await hubWithModel()
  const { client } = await engineHere()
  expect((await client.models.known()).length).toBeGreaterThan(3)
  const plan = await client.models.lookUp({ reference: 'harbour/night' })
  expect(plan).toMatchObject({ name: 'harbour/night', licence: { name: 'apache-2.0' }, model: 'harbour--night' })
  const events = await client.system.events()
  await client.models.get({ plan: plan.id })
  const seen = await until(events, event => event.type === 'download' && event.download.state !== 'running')
  expect(seen.at(-1)).toMatchObject({ download: { state: 'done', done: plan.bytes, bytes: plan.bytes } })
  const model = (await client.models.list()).find(({ id }) => id === 'harbour--night')
  expect(model).toMatchObject({ name: 'Sticker World', embedded: false, defaults: { width: 128, height: 128 } })
  expect(model?.problem).toBeUndefined()
  await client.models.cancelDownload({ id: plan.id })
  expect(await client.models.downloads()).toEqual([])
})

test('an engine that nobody asks for a model opens no connection', async () => {
  await hubWithModel()
  const connect = vi.spyOn(Socket.prototype, 'connect')
  onTestFinished(() => connect.mockRestore())
  const { client } = await engineHere()
  await client.system.hello()
  await client.models.list()
  await client.models.known()
  await client.models.downloads()
  await sleep(200)
  expect(connect).not.toHaveBeenCalled()
})

/** What a command prints. */
function terminal(folder: string) {
  const printed = { out: '', err: '' }
  const stdout = {
    write: (text: string) => {
      printed.out += text
      return true
    },
  }
  const stderr = {
    ...{ isTTY: false, columns: 80 },
    write: (text: string) => {
      printed.err += text
      return true
    },
  }
  return { printed, terminal: { stdout, stderr, folder } }
}
const never = new AbortController().signal

test('on the command line: the plan is shown, nothing is fetched without agreement, and --yes agrees', async () => {
  await hubWithModel()
  const home = temporaryHome()
  const asking = terminal(home)
  const flags = ['harbour/night', '--library', home]
  expect(await problemCode(() => getModel(flags, asking.terminal, never))).toBe('NOT_AGREED')
  expect(asking.printed.out).toMatch(/licence\s+apache-2\.0/)
  expect(asking.printed.out).toMatch(/size\s+37\.\d MB in \d+ files; .* are free/)
  expect(readdirSync(home)).not.toContain('models')
  const agreeing = terminal(home)
  await models(['get', ...flags, '--yes'], '', agreeing.terminal, never)
  const folder = join(home, 'models', 'harbour--night')
  expect(agreeing.printed.out.trimEnd().split('\n').at(-1)).toBe(folder)
  expect(readdirSync(folder)).toContain('model_index.json')
  expect(await problemCode(() => getModel([...flags, '--yes'], asking.terminal, never))).toBe('MODEL_HERE')
})

test('Ctrl+C in the middle keeps what has arrived, and the same command goes on with it', async () => {
  const hub = await hubWithModel()
  const home = temporaryHome()
  const stop = new AbortController()
  const reason = new Error('stopped')
  const weights = 'unet/diffusion_pytorch_model.safetensors'
  const ranges: (string | undefined)[] = []
  hub.fault = ({ path, range, response, body }) => {
    if (path !== weights) return false
    ranges.push(range)
    if (ranges.length > 1) return false
    response.writeHead(200, { 'content-length': body.length, etag: '"x"' }).write(body.subarray(0, 1_000_000))
    setTimeout(() => stop.abort(reason), 200)
    return true
  }
  const flags = ['harbour/night', '--yes', '--library', home]
  await expect(getModel(flags, terminal(home).terminal, stop.signal)).rejects.toBe(reason)
  await getModel(flags, terminal(home).terminal, never)
  expect(ranges).toEqual([undefined, 'bytes=1000000-'])
  expect(
    readFileSync(join(home, 'models', 'harbour--night', weights)).equals(readFileSync(join(embedded, weights))),
  ).toBe(true)
})

test.each([
  [[], 'COMMAND_LINE'],
  [['a/b', 'c/d'], 'COMMAND_LINE'],
  [['a/b', '--precision', 'int8'], 'COMMAND_LINE'],
  [['a/b', '--colour'], 'COMMAND_LINE'],
  [['a/b', '--revision'], 'COMMAND_LINE'],
  [['nonsense', '--yes'], 'REFERENCE'],
])('models get %j is refused', async (argv, code) => {
  const home = temporaryHome()
  expect(
    await problemCode(() =>
      getModel([...argv, ...(code === 'REFERENCE' ? ['--library', home] : [])], terminal(home).terminal, never),
    ),
  ).toBe(code)
})
