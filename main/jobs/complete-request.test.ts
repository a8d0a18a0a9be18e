import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../../app/operations/index.ts'
import { engineHere } from '../../test/faults/studio.ts'

const goldens = resolve(import.meta.dirname, '../../test/parity/goldens/models')
const adapter = (name: string) => join(goldens, `ip_adapters/${name}.safetensors`)

test('for a control that does not fit, those of the library are offered that do: IP-Adapters for one, what places things for the others', async () => {
  const { client } = await engineHere({ operations })
  const own = join(goldens, 'sd1')
  const added = [own, adapter('sd1_plus'), adapter('sdxl_whole'), join(goldens, 't2i_adapter')]
  const { models } = await client.models.import({ paths: added })
  const idOf = (path: string) => models.find(each => each.path === path)?.id ?? ''
  const refusal = (model: string, control: string) =>
    client.jobs.submit({
      ...{ operation: 'text-to-image', model },
      parameters: { prompt: 'a photo', controls: [{ model: idOf(control), image: adapter('sd1_plus') }] },
    })
  const told = (message: RegExp, hint: string) => ({
    data: expect.objectContaining({ code: 'CONTROL_MISFIT', message: expect.stringMatching(message), hint }),
  })
  await expect(refusal(idOf(own), adapter('sdxl_whole'))).rejects.toMatchObject(
    told(/The IP-Adapter sdxl_whole/, 'Choose sd1_plus.safetensors.'),
  )
  await expect(refusal('sticker-world', join(goldens, 't2i_adapter'))).rejects.toMatchObject(
    told(/The T2I-Adapter t2i_adapter/, 'Choose sticker-world-depth or sticker-world-edges or sticker-world-pose.'),
  )
  await expect(refusal('sticker-world', adapter('sd1_plus'))).rejects.toMatchObject(
    told(/The IP-Adapter sd1_plus/, expect.stringContaining('No IP-Adapter of the library fits')),
  )
})
