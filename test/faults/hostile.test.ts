import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { serialize } from 'node:v8'
import { expect, onTestFinished, test } from 'vitest'
import { frameBytes } from '../../main/frames.ts'
import { clientOver, slowEngine } from './page.ts'
import { engineApart, heldToTime, temporaryHome, timed } from './studio.ts'

/** An engine whose other end is this test. */
function bareEngine() {
  const child = spawn(process.execPath, [slowEngine, '--home', temporaryHome()], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pipe = child.stdio[3]
  if (!(pipe instanceof Duplex) || !child.stdout) throw new Error('the engine has no pipe')
  pipe.on('error', () => {})
  let log = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    log += text
  })
  return { child, pipe, log: () => log }
}

/** What newer Electrons would send with Node's own serialization: version 16, which this Node cannot even read. */
const version16 = Buffer.concat([Uint8Array.of(0xff, 16), serialize({ job: 1 }).subarray(2)])

const garbage = {
  'the serialization of V8': serialize({ job: 1, parameters: new Map([['prompt', 'x']]) }),
  'its version 16': version16,
  'an empty message': Buffer.alloc(4),
  'a message of four gigabytes': Buffer.from([0xff, 0xff, 0xff, 0xff, 0x93]),
  'a message that is no MessagePack': Buffer.concat([Uint8Array.of(0, 0, 0, 8), randomBytes(8).fill(0xc1, 0, 1)]),
  'a list of four billion entries': Buffer.from([0, 0, 0, 5, 0xdd, 0xff, 0xff, 0xff, 0xff]),
  'a web request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
}

for (const [name, bytes] of Object.entries(garbage)) {
  test(`${name} on the engine's pipe: it says so and leaves, with its library closed`, async () => {
    const { child, pipe, log } = bareEngine()
    await once(pipe, 'data')
    pipe.write(bytes)
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    expect(log()).toMatch(/A message (announces \d+ bytes|between the app and its engine is not in the agreed format)/)
  })
}

test('kinds that nobody knows, answers that nobody asked for, and half a message harm nothing', async () => {
  const { child, pipe } = bareEngine()
  await once(pipe, 'data')
  for (const frame of [
    [0, 'nonsense', null],
    [0, 'blob', { id: 'x', hash: 7 }],
    [0, 'blob', { id: 1, hash: '../../etc/passwd' }],
    [5, 'data', 'to a conversation that was never opened'],
    [5, 'taken', { units: -1 }],
    [5, 'close', { deep: { er: 1 } }],
  ] as const) {
    pipe.write(frameBytes(frame))
  }
  // The answer to the well-formed question still comes.
  const [answer] = await once(pipe, 'data')
  expect(Buffer.from(answer).includes('found')).toBe(true)
  pipe.write(Uint8Array.of(0, 0, 1))
  expect(child.exitCode).toBeNull()
  pipe.destroy()
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})

test('garbage in one conversation ends that one alone', async () => {
  const { engine, log } = engineApart()
  const sound = clientOver(engine.openChannel())
  await sound.system.hello()
  for (const data of ['not json', 'null', '{"i":"1"}', '{"i":"1","p":{"u":7}}', randomBytes(50)]) {
    const channel = engine.openChannel()
    const closed = new Promise<void>(resolve => channel.onClose(resolve))
    channel.send(data)
    await closed
  }
  // The log comes on a pipe of its own, so its last line may arrive after the closing.
  await expect.poll(() => log.filter(line => line.includes('is closed')).length).toBe(5)
  expect(await sound.jobs.list()).toEqual([])
  expect(engine.state).toBe('ready')
})

test('calls that are not as agreed are refused in words, whatever they carry', async () => {
  const { engine } = engineApart()
  const channel = engine.openChannel()
  const answers: string[] = []
  const answered = (count: number) =>
    new Promise<void>(resolve => {
      channel.onMessage(data => {
        answers.push(String(data))
        if (answers.length >= count) resolve()
      })
    })
  const call = (path: string, json: unknown) => channel.send(JSON.stringify({ i: path, p: { u: path, b: { json } } }))
  call('/jobs/submit', { operation: 'slow', model: 'sticker-world', parameters: 'x' })
  call('/jobs/cancel', { id: { $ne: null } })
  call('/images/list', { limit: 1e9 })
  call('/images/trash', { ids: 'all' })
  call('/system/changeSettings', { theme: 'neon' })
  call('/__proto__/constructor', {})
  call('/jobs/constructor', {})
  await answered(7)
  const refusals = answers.map(answer => JSON.parse(answer).p.s)
  expect(refusals.toSorted()).toEqual([400, 400, 400, 400, 400, 404, 404])
  expect(answers.join()).toContain('CALL_INVALID')
})

test('a page that asks and asks and takes nothing is held back alone', heldToTime, async () => {
  const { engine } = engineApart()
  const page = clientOver(engine.openChannel())
  await page.system.hello()
  const stalled = engine.openChannel()
  let received = 0
  let go = () => {}
  const gate = new Promise<void>(resolve => {
    go = resolve
  })
  stalled.onMessage(async data => {
    received += data.length
    await gate
  })
  const asked = 900
  const text = 'x'.repeat(5000)
  for (let n = 0; n < asked; n++) {
    // Its refusal carries the name back.
    const json = { operation: text, model: 'm', parameters: {} }
    stalled.send(JSON.stringify({ i: `${n}`, p: { u: '/jobs/submit', b: { json } } }))
  }
  // Others are answered at once meanwhile.
  await page.system.hello()
  expect(await timed(() => page.jobs.list())).toBeLessThan(500)
  await new Promise(resolve => setTimeout(resolve, 300))
  const held = received
  // The window, and the one answer that filled it: the name stands in it three times.
  expect(held).toBeLessThan(2 ** 20 + 4 * text.length)
  go()
  await expect.poll(() => received, { timeout: 5000 }).toBeGreaterThan(asked * text.length)
  // What waited was let go little by little, too, and still answers.
  expect(await timed(() => page.jobs.list())).toBeLessThan(500)
})
