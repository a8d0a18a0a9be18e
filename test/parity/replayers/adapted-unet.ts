import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type Target, targets } from '../../../app/graph/targets.ts'
import { unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { fitLoras } from '../../../app/runtime/fit-loras.ts'
import { Network } from '../../../app/runtime/network.ts'
import { Runtime } from '../../../app/runtime/runtime.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import { openComponent } from '../../../app/weights/diffusers-folder.ts'
import type { Variant } from '../goldens.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

export const parameters = z.strictObject({
  model: z.string(),
  config: z.record(z.string(), z.unknown()),
  loras: z.array(z.strictObject({ file: z.string(), strength: z.number() })),
})

/** One pass of a UNet with adapters in its graph. */
export const replayAdaptedUnet: Replayer = async variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return { outputs: { sample: await runAdaptedUnet(variant, parsed.data, targets.cpu) } }
}

/** The prediction of a UNet with adapters. The same session first runs with other strengths, which must leave no trace.
 *  @returns [batch, channels, height, width] */
export async function runAdaptedUnet(
  { inputs, root }: Pick<Variant, 'inputs' | 'root'>,
  { model, config, loras }: z.output<typeof parameters>,
  target: Target,
): Promise<Tensor> {
  const runtime = new Runtime({ target, threads: 1, memoryBudget: 2 ** 31 })
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-parity-'))
  try {
    const unet = join(folder, 'unet')
    mkdirSync(unet)
    writeFileSync(join(unet, 'config.json'), JSON.stringify(config))
    symlinkSync(resolve(root, model), join(unet, 'diffusion_pytorch_model.safetensors'))
    const component = openComponent('unet', unet2DCondition.className, unet)
    const at = (factor: number) =>
      fitLoras(
        loras.map(({ file, strength }) => ({ path: join(root, file), strength: strength * factor })),
        { unet: component },
      ).fitted.unet ?? []
    const [batch, , height, width] = inputs.shape('sample')
    const [, tokens] = inputs.shape('encoder_hidden_states')
    const run = async (factor: number) => {
      const network = new Network(runtime, unet2DCondition, component, { loras: at(factor) })
      const session = await network.session('predict', {
        batch,
        height,
        width,
        tokens,
        timesteps: 'each',
        contextMask: false,
      })
      return session.run(Object.fromEntries(inputs.names.map(name => [name, inputs.tensor(name)])))
    }
    await run(0.5)
    return (await run(1)).out_sample
  } finally {
    await runtime.release()
    rmSync(folder, { recursive: true })
  }
}
