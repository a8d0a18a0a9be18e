import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { readJsonObject } from '../weights/json-file.ts'

const goldens = resolve(import.meta.dirname, '../../test/parity/goldens/models')

/** The folder of a model whose parts are golden models, as the reference's `save_pretrained` writes it; gone after the test.
 *  @param parts names of golden models, by component  @param scheduler its class and settings */
export function modelOfGoldens(
  parts: Readonly<Record<string, string>>,
  [schedulerClass, config = {}]: readonly [className: string, config?: Readonly<Record<string, unknown>>],
  { changes = {} }: { readonly changes?: Readonly<Record<string, unknown>> } = {},
): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-model-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const index: Record<string, unknown> = { scheduler: ['diffusers', schedulerClass] }
  mkdirSync(join(folder, 'scheduler'))
  writeFileSync(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify(config))
  for (const [name, golden] of Object.entries(parts)) {
    const part = readJsonObject(join(goldens, golden, 'config.json'))
    index[name] = ['diffusers', part._class_name]
    mkdirSync(join(folder, name))
    const weights = 'diffusion_pytorch_model.safetensors'
    symlinkSync(join(goldens, golden, weights), join(folder, name, weights))
    // What is changed is the denoising network's.
    const changed = name === 'vae' ? part : { ...part, ...changes }
    writeFileSync(join(folder, name, 'config.json'), JSON.stringify(changed))
  }
  writeFileSync(join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}
