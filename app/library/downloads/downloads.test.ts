import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { problemCode, temporaryFolder, testLibrary } from '../testing.ts'
import { Downloads } from './downloads.ts'
import { quickNetwork, type Repository, safetensors, sendFile, testHub } from './testing.ts'
import { downloadsIn, isComplete, isNowhere, json, model, wanted, weights } from './testing-downloads.ts'

test('a plan tells names, sizes, licence and host, and fetches no weights', async () => {
  const hub = await testHub({ 'owner/small': model })
  const { downloads, home } = downloadsIn(hub)
  const plan = await downloads.lookUp({ reference: 'owner/small' })
  expect(plan).toMatchObject({
    name: 'owner/small',
    host: new URL(hub.address).host,
    licence: { name: 'creativeml-openrail-m' },
    bytes: wanted.reduce((sum, path) => sum + model.files[path].length, 0),
    target: join(home, 'models', 'owner--small'),
  })
  expect(plan.files.map(({ path }) => path).sort()).toEqual(wanted)
  expect(plan.free).toBeGreaterThan(0)
  expect(hub.asked).toEqual(['/api/models/owner/small', `/owner/small/resolve/${hub.commit}/model_index.json`])
  const exact = await downloads.lookUp({ reference: 'owner/small', precision: 'fp32' })
  expect(exact.files.map(({ path }) => path)).toContain('unet/diffusion_pytorch_model.safetensors')
  expect(exact.id).not.toBe(plan.id)
})

test('a model arrives whole, is recorded, and leaves nothing else behind', async () => {
  const hub = await testHub({ 'owner/small': model })
  const { downloads, home, library, get, seen } = downloadsIn(hub)
  expect(await get('owner/small')).toMatchObject({ state: 'done', model: 'owner--small' })
  isComplete(home)
  expect(library.models.list()).toEqual([{ id: 'owner--small', path: join(home, 'models', 'owner--small') }])
  expect(readdirSync(join(home, 'models', '.downloads'))).toEqual([])
  expect(seen.at(-1)).toMatchObject({ state: 'done' })
  expect(await problemCode(() => downloads.lookUp({ reference: 'owner/small' }))).toBe('MODEL_HERE')
})

test('a hub that lists names alone is asked file by file for sizes and hashes, and wrong bytes are noticed all the same', async () => {
  const listing = () => ({ sha: hub.commit, siblings: Object.keys(model.files).map(rfilename => ({ rfilename })) })
  const hub = await testHub({ 'owner/small': { ...model, listing } })
  const { downloads, home, get } = downloadsIn(hub)
  const plan = await downloads.lookUp({ reference: 'owner/small' })
  const sizeOf = (name: string) => plan.files.find(({ path }) => path === name)?.size
  for (const path of wanted) expect([path, sizeOf(path)]).toEqual([path, model.files[path].length])
  let times = 0
  hub.fault = asked => {
    // The first answer is to the question for the size.
    if (asked.path !== weights || asked.range !== undefined || ++times > 1) return false
    sendFile({ ...asked, body: Buffer.from(asked.body).fill(1, 900, 950) })
    return true
  }
  expect(await get('owner/small')).toMatchObject({ state: 'done' })
  expect(times).toBe(2)
  isComplete(home)
})

test('a single file goes into the folder of its model', async () => {
  const hub = await testHub({
    'owner/lora': { files: { 'x/style.safetensors': safetensors(900), 'README.md': Buffer.from('#') } },
  })
  const { home, library, get } = downloadsIn(hub)
  expect(await get(`${hub.address}/owner/lora/blob/main/x/style.safetensors`)).toMatchObject({ state: 'done' })
  const path = join(home, 'models', 'owner--lora', 'style.safetensors')
  expect(library.models.list()).toEqual([{ id: 'owner--lora--style', path }])
  expect(readFileSync(path).equals(safetensors(900))).toBe(true)
})

test.each<[string, string, Repository]>([
  ['a name outside the folder', 'HUB_PATH', { ...model, files: { ...model.files, '../x.json': json({}) } }],
  ['an absolute name', 'HUB_PATH', { ...model, files: { ...model.files, '/etc/x': json({}) } }],
  ['a drive', 'HUB_PATH', { ...model, files: { ...model.files, 'C:\\x': json({}) } }],
  [
    'a component outside the folder',
    'MODEL_FOLDER',
    { files: { ...model.files, 'model_index.json': json({ '../unet': ['diffusers', 'UNet2DConditionModel'] }) } },
  ],
  [
    'a huge listing',
    'HUB_ANSWER',
    {
      ...model,
      listing: () => ({
        sha: 'a'.repeat(40),
        siblings: Array.from({ length: 60_000 }, (_, k) => ({ rfilename: `f${k}` })),
      }),
    },
  ],
  ['a listing that is none', 'HUB_ANSWER', { ...model, listing: () => ({ siblings: 'all' }) }],
  ['terms to accept', 'HUB_GATED', { ...model, gated: 'auto' }],
  [
    'only pickles',
    'WEIGHTS_PICKLE',
    {
      files: {
        'model_index.json': model.files['model_index.json'],
        'unet/config.json': json({}),
        'unet/model.bin': Buffer.from('x'),
      },
    },
  ],
  ['several files', 'REFERENCE', { files: { 'a.safetensors': safetensors(9), 'b.safetensors': safetensors(9) } }],
])('%s: refused when it is looked up, and nothing is written', async (_, code, repository) => {
  const hub = await testHub({ 'owner/odd': repository })
  const { downloads, home } = downloadsIn(hub)
  expect(await problemCode(() => downloads.lookUp({ reference: 'owner/odd' }))).toBe(code)
  expect(existsSync(join(home, 'models'))).toBe(false)
})

test('a model that is not there, and a hub that is not', async () => {
  const hub = await testHub({})
  const { downloads } = downloadsIn(hub)
  expect(await problemCode(() => downloads.lookUp({ reference: 'owner/none' }))).toBe('HUB_UNKNOWN')
  const server = createServer().listen(0, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<void>()
  server.on('listening', resolve)
  await promise
  const address = server.address()
  server.close()
  const gone = { ...hub, address: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
  expect(await problemCode(() => downloadsIn(gone).downloads.lookUp({ reference: 'owner/none' }))).toBe('NETWORK')
})

test('a file under the name of weights that holds something else is not kept', async () => {
  const hub = await testHub({ 'owner/odd': { files: { 'odd.safetensors': Buffer.from('not weights at all') } } })
  const parts = downloadsIn(hub)
  expect(await parts.get('owner/odd')).toMatchObject({
    state: 'failed',
    problem: { code: expect.stringMatching(/^SAFETENSORS/) },
  })
  isNowhere(parts.home, parts)
})

test('a disk without room is told before the start', async () => {
  const hub = await testHub({
    'owner/huge': { files: { 'huge.safetensors': safetensors(10) }, listing: info => grown(info) },
  })
  const grown = (info: Record<string, unknown>) =>
    JSON.parse(JSON.stringify(info).replace(/"size":\d+/g, `"size":${10 ** 15}`))
  const parts = downloadsIn(hub)
  const before = hub.asked.length
  expect(await parts.get('owner/huge')).toMatchObject({ state: 'failed', problem: { code: 'DISK_FULL' } })
  // Only what is looked up was asked for.
  expect(hub.asked.length - before).toBe(1)
  isNowhere(parts.home, parts)
})

test('without a request nothing opens a connection', async () => {
  const connect = vi.spyOn(Socket.prototype, 'connect')
  onTestFinished(() => connect.mockRestore())
  const home = temporaryFolder()
  const library = testLibrary({ home })
  const downloads = new Downloads({ home, models: library.models })
  downloads.list()
  await sleep(50)
  await downloads.close()
  expect(connect).not.toHaveBeenCalled()
})

test('the hub must be an https address, or on this computer', async () => {
  const { models } = testLibrary()
  const at = (hub: string) =>
    new Downloads({
      home: temporaryFolder(),
      models,
      hub,
      network: { ...quickNetwork, resolve: async () => ['93.184.216.34'] },
    })
  expect(await problemCode(() => at('http://example.org').lookUp({ reference: 'a/b' }))).toBe('ADDRESS')
  expect(await problemCode(() => at('nonsense').lookUp({ reference: 'a/b' }))).toBe('ADDRESS')
})
