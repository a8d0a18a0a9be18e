import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { problemCode, temporaryFolder, testLibrary } from '../testing.ts'
import { Downloads } from './downloads.ts'
import type { Download } from './records.ts'
import { type Asked, quickNetwork, type Repository, safetensors, sendFile, type TestHub, testHub } from './testing.ts'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

const model: Repository = {
  card: { license: 'creativeml-openrail-m' },
  files: {
    'model_index.json': json({
      _class_name: 'StableDiffusionPipeline',
      unet: ['diffusers', 'UNet2DConditionModel'],
      tokenizer: ['transformers', 'CLIPTokenizer'],
      safety_checker: [null, null],
    }),
    'README.md': Buffer.from('---\nlicense: creativeml-openrail-m\n---\n'),
    'unet/config.json': json({ _class_name: 'UNet2DConditionModel' }),
    'unet/diffusion_pytorch_model.safetensors': safetensors(40_000),
    'unet/diffusion_pytorch_model.fp16.safetensors': safetensors(20_000, 3),
    'unet/diffusion_pytorch_model.bin': Buffer.from('pickle'),
    'tokenizer/vocab.json': json({ a: 1 }),
    'tokenizer/merges.txt': Buffer.from('#version: 0.2\n'),
    'model.ckpt': Buffer.from('pickle'),
  },
}
const wanted = [
  ...['README.md', 'model_index.json', 'tokenizer/merges.txt', 'tokenizer/vocab.json'],
  ...['unet/config.json', 'unet/diffusion_pytorch_model.fp16.safetensors'],
]
const weights = 'unet/diffusion_pytorch_model.fp16.safetensors'

const html = Buffer.from('<!doctype html><title>Log in</title>')

/** Everything under a folder, as paths. */
const filesUnder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort()
    : []

function downloadsIn(hub: TestHub, home = temporaryFolder()) {
  const library = testLibrary({ home })
  const seen: Download[] = []
  const downloads = new Downloads({
    ...{ home, models: library.models, hub: hub.address, network: quickNetwork },
    onChange: download => seen.push(download),
  })
  onTestFinished(() => downloads.close())
  const get = async (reference: string) => {
    const { id } = await downloads.lookUp({ reference })
    downloads.get(id)
    return await downloads.settled(id)
  }
  return { home, library, downloads, seen, get }
}

const isComplete = (home: string) => {
  const folder = join(home, 'models', 'owner--small')
  expect(filesUnder(folder)).toEqual(wanted)
  for (const path of wanted) expect(readFileSync(join(folder, path)).equals(model.files[path])).toBe(true)
}

/** Nothing in the library, nothing in the folder of models. */
const isNowhere = (home: string, { library }: Pick<ReturnType<typeof downloadsIn>, 'library'>) => {
  expect(library.models.list()).toEqual([])
  expect(filesUnder(join(home, 'models')).filter(path => !path.startsWith('.downloads/'))).toEqual([])
}

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

test('connections that are cut at random places end in the right model', async () => {
  const hub = await testHub({ 'owner/small': model })
  let cuts = 0
  hub.fault = asked => {
    if (asked.path !== weights || cuts >= 12) return false
    cuts++
    sendFile(asked, { cutAt: Math.floor(Math.random() * 1500) })
    return true
  }
  const { home, get } = downloadsIn(hub)
  expect(await get('owner/small')).toMatchObject({ state: 'done' })
  expect(cuts).toBe(12)
  isComplete(home)
})

test('a server that never gives a byte is given up, what came before is kept, and resuming takes only the rest', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => {
    if (asked.path !== weights) return false
    if (asked.times === 1) sendFile(asked, { cutAt: 15_000 })
    else asked.response.destroy()
    return true
  }
  const parts = downloadsIn(hub)
  const { downloads, home, get } = parts
  const failed = await get('owner/small')
  expect(failed).toMatchObject({ state: 'failed', problem: { code: 'NETWORK' } })
  expect(failed.done).toBeGreaterThanOrEqual(15_000)
  isNowhere(home, parts)
  const ranges: (string | undefined)[] = []
  hub.fault = asked => {
    if (asked.path === weights) ranges.push(asked.range)
    return false
  }
  downloads.resume(failed.id)
  expect(await downloads.settled(failed.id)).toMatchObject({ state: 'done' })
  expect(ranges).toEqual(['bytes=15000-'])
  isComplete(home)
})

test.each<[string, string, NonNullable<TestHub['fault']>]>([
  [
    'a length that is not the declared one',
    'DOWNLOAD_SIZE',
    asked => {
      sendFile({ ...asked, body: asked.body.subarray(0, 10_000) })
      return true
    },
  ],
  [
    'more bytes than declared, without a length',
    'DOWNLOAD_SIZE',
    ({ response, body }) => {
      response.writeHead(200).write(body)
      response.end(Buffer.alloc(100_000))
      return true
    },
  ],
  [
    'wrong bytes, again and again',
    'DOWNLOAD_HASH',
    asked => {
      sendFile({ ...asked, body: Buffer.from(asked.body).fill(1, 500, 600) })
      return true
    },
  ],
  [
    'a web page instead of the file',
    'DOWNLOAD_HTML',
    ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
      return true
    },
  ],
  [
    'redirects without end',
    'REDIRECT',
    ({ response, request }) => {
      response.writeHead(302, { location: request.url }).end()
      return true
    },
  ],
  [
    'too many requests, for long',
    'HUB_BUSY',
    ({ response }) => {
      response.writeHead(429, { 'retry-after': '3600' }).end()
      return true
    },
  ],
  [
    'trouble that does not end',
    'HUB_BUSY',
    ({ response }) => {
      response.writeHead(503).end()
      return true
    },
  ],
  [
    'a closed gate',
    'HUB_GATED',
    ({ response }) => {
      response.writeHead(403, { 'x-error-code': 'GatedRepo' }).end()
      return true
    },
  ],
  [
    'silence in the middle',
    'NETWORK',
    ({ response, body }) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 10))
      return true
    },
  ],
  [
    'a range that cannot be satisfied, always',
    'DOWNLOAD_RANGE',
    ({ response }) => {
      response.writeHead(416).end()
      return true
    },
  ],
])('%s: a clear sentence and no half model', async (_, code, fault) => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => asked.path === weights && fault(asked)
  const parts = downloadsIn(hub)
  const failed = await parts.get('owner/small')
  expect(failed).toMatchObject({ state: 'failed', problem: { code } })
  expect(failed.problem?.message).toMatch(/^.*[A-Za-z].*\.$/)
  isNowhere(parts.home, parts)
  // Whatever was wrong, the same download ends well once the server does as it should.
  hub.fault = undefined
  parts.downloads.resume(failed.id)
  expect(await parts.downloads.settled(failed.id)).toMatchObject({ state: 'done' })
  isComplete(parts.home)
})

test('what passes is waited for: 429 with Retry-After, 503, wrong bytes once, a range that is ignored, another tag', async () => {
  const hub = await testHub({ 'owner/small': model })
  const steps: ((asked: Asked) => unknown)[] = [
    ({ response }) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ({ response }) => response.writeHead(503).end(),
    asked => sendFile(asked, { cutAt: 9000 }),
    // The whole file, though only the rest was asked for.
    asked => sendFile({ ...asked, ignoresRange: true }, { cutAt: 12_000 }),
    // A file of another tag: begun anew.
    asked => sendFile(asked, { tag: '"another"', cutAt: 5000 }),
    asked => sendFile({ ...asked, body: Buffer.from(asked.body).fill(9) }, { tag: '"another"' }),
    ({ response }) => response.writeHead(206, { 'content-range': 'bytes 7-99/20000' }).end(),
  ]
  hub.fault = asked => {
    const step = asked.path === weights ? steps.shift() : undefined
    step?.(asked)
    return step !== undefined
  }
  const { home, get } = downloadsIn(hub)
  expect(await get('owner/small')).toMatchObject({ state: 'done' })
  expect(steps).toEqual([])
  isComplete(home)
})

test('whatever a server mixes up, in any order: the right model, or a sentence and no model', async () => {
  const hub = await testHub({ 'owner/small': model })
  const some = (below: number) => Math.floor(Math.random() * below)
  const faults: ((asked: Asked) => unknown)[] = [
    asked => sendFile(asked, { cutAt: some(asked.body.length) }),
    asked => sendFile({ ...asked, ignoresRange: true }, { cutAt: some(asked.body.length) }),
    asked => sendFile(asked, { tag: `"${some(3)}"`, cutAt: some(asked.body.length) }),
    asked => sendFile({ ...asked, body: Buffer.from(asked.body).fill(some(256), some(asked.body.length)) }),
    asked => sendFile({ ...asked, body: asked.body.subarray(0, some(asked.body.length)) }),
    ({ response }) => response.writeHead(503).end(),
    ({ response }) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ({ response }) => response.writeHead(416).end(),
    ({ response }) => response.writeHead(206, { 'content-range': `bytes ${some(99)}-99/100` }).end(),
    ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end(html),
    ({ response, request }) => response.writeHead(302, { location: request.url }).end(),
    ({ response }) => response.destroy(),
  ]
  let arrived = 0
  for (let round = 0; round < 25; round++) {
    const share = round / 25
    hub.fault = asked => {
      if (Math.random() > share) return false
      faults[some(faults.length)](asked)
      return true
    }
    const parts = downloadsIn(hub)
    const plan = await parts.downloads.lookUp({ reference: 'owner/small' }).catch(() => undefined)
    if (plan === undefined) {
      isNowhere(parts.home, parts)
      continue
    }
    parts.downloads.get(plan.id)
    const { state, problem } = await parts.downloads.settled(plan.id)
    if (state === 'done') {
      arrived++
      isComplete(parts.home)
    } else {
      expect(problem?.message).toMatch(/\.$/)
      isNowhere(parts.home, parts)
      hub.fault = undefined
      parts.downloads.resume(plan.id)
      expect(await parts.downloads.settled(plan.id)).toMatchObject({ state: 'done' })
      isComplete(parts.home)
    }
    await parts.downloads.close()
  }
  expect(arrived).toBeGreaterThan(0)
})

test('paused, it keeps what came; in the next start it is listed as paused, asks nobody, and goes on when resumed', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response, body }) => {
    if (path !== weights) return false
    response.writeHead(200, { 'content-length': body.length, etag: '"t"' }).write(body.subarray(0, 8000))
    return true
  }
  const { downloads, home, library } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() =>
    expect(filesUnder(join(home, 'models', '.downloads', id, 'files'))).toContain(`${weights}.part`),
  )
  await vi.waitFor(() =>
    expect(readFileSync(join(home, 'models', '.downloads', id, 'files', `${weights}.part`)).length).toBe(8000),
  )
  expect(await downloads.pause(id)).toMatchObject({ state: 'paused' })
  library.close()
  const asked = hub.asked.length
  hub.fault = undefined
  const again = downloadsIn(hub, home)
  expect(again.downloads.list()).toMatchObject([{ id, state: 'paused' }])
  await sleep(30)
  expect(hub.asked.length).toBe(asked)
  again.downloads.resume(id)
  expect(await again.downloads.settled(id)).toMatchObject({ state: 'done' })
  isComplete(home)
})

test('a wait that the server asks for is told, and another version of the same model waits for the first', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(429, { 'retry-after': '90' }).end()
  const { downloads, seen } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() =>
    expect(seen.at(-1)).toMatchObject({
      state: 'running',
      waiting: expect.stringMatching(/has had too many requests\. Trying again in 90 s\.$/),
    }),
  )
  const exact = await downloads.lookUp({ reference: 'owner/small', precision: 'fp32' })
  expect(await problemCode(() => downloads.get(exact.id))).toBe('DOWNLOAD_TWICE')
  // Pausing does not wait for the 90 seconds.
  expect(await downloads.pause(id)).toMatchObject({ state: 'paused' })
  expect(seen.at(-1)?.waiting).toBeUndefined()
})

test('two engines of one person: what one fetches the other neither lists nor disturbs', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(200).write('x')
  const { downloads, home, library } = downloadsIn(hub)
  const { id } = await downloads.lookUp({ reference: 'owner/small' })
  downloads.get(id)
  await vi.waitFor(() => expect(hub.asked.some(path => path.startsWith('/cdn/'))).toBe(true))
  const other = new Downloads({ home, models: library.models, hub: hub.address, network: quickNetwork })
  expect(other.list()).toEqual([])
  await other.lookUp({ reference: 'owner/small' })
  other.get(id)
  expect(await other.settled(id)).toMatchObject({ state: 'failed', problem: { code: 'DOWNLOAD_ELSEWHERE' } })
  expect(downloads.list()).toMatchObject([{ state: 'running' }])
  await other.close()
})

test('cancelled, nothing of it is left', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(200).write('x')
  const parts = downloadsIn(hub)
  const { id } = await parts.downloads.lookUp({ reference: 'owner/small' })
  parts.downloads.get(id)
  expect(await parts.downloads.cancel(id)).toMatchObject({ state: 'cancelled' })
  expect(parts.downloads.list()).toEqual([])
  expect(filesUnder(join(parts.home, 'models', '.downloads'))).toEqual([])
  isNowhere(parts.home, parts)
})

test('an engine that ended right before it could record a model records it at the next start', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = ({ path, response }) => path === weights && !!response.writeHead(404).end()
  const { downloads, home, library, get } = downloadsIn(hub)
  const { id } = await get('owner/small')
  await downloads.close()
  library.close()
  renameSync(join(home, 'models', '.downloads', id, 'files'), join(home, 'models', 'owner--small'))
  const again = downloadsIn(hub, home)
  expect(again.library.models.list()).toMatchObject([{ id: 'owner--small' }])
  expect(again.downloads.list()).toEqual([])
  expect(filesUnder(join(home, 'models', '.downloads'))).toEqual([])
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

test('files that were tampered with between two starts do not end in the library', async () => {
  const hub = await testHub({ 'owner/small': model })
  hub.fault = asked => {
    if (asked.path !== weights) return false
    if (asked.times === 1) sendFile(asked, { cutAt: 9000 })
    else asked.response.destroy()
    return true
  }
  const { downloads, home, get } = downloadsIn(hub)
  const { id } = await get('owner/small')
  const part = join(home, 'models', '.downloads', id, 'files', `${weights}.part`)
  writeFileSync(part, readFileSync(part).fill(0, 100, 200))
  hub.fault = undefined
  downloads.resume(id)
  expect(await downloads.settled(id)).toMatchObject({ state: 'done' })
  isComplete(home)
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
