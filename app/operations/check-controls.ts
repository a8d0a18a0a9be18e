import { basename } from 'node:path'
import { controlNet } from '../models/controlnet.ts'
import { adapterMisfit, misfitOf } from '../models/controlnet-fit.ts'
import type { ModelDescription } from '../models/description.ts'
import { parseConfig } from '../models/family.ts'
import { imagePromptMisfit } from '../models/ip-adapter.ts'
import { denoiserKind } from '../models/parts.ts'
import { t2iAdapter } from '../models/t2i-adapter.ts'
import { type UNetConfig, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import { openControlNet } from '../weights/control-net.ts'
import { holdsIPAdapter, openIPAdapter } from '../weights/ip-adapter.ts'
import { openModel } from '../weights/open-model.ts'
import { holdsT2IAdapter, openT2IAdapter } from '../weights/t2i-adapter.ts'
import { additionsOf } from './additions.ts'
import type { StoredParameters } from './check-parameters.ts'

/** Refuses ControlNets that were made for another kind of model, before a job waits, and names those that fit.
 *  @param candidates controls of the library of all kinds, by path  @throws Problem CONTROL_KIND, CONTROL_MISFIT, and as `openControlNet` */
export function checkControls(
  parameters: StoredParameters,
  { path, name }: Pick<ModelDescription, 'path' | 'name'>,
  candidates: () => readonly string[],
): void {
  const { controls: placed = [], imagePrompts = [] } = additionsOf(parameters)
  const controls = [...new Set([...placed, ...imagePrompts.map(each => each.path)])]
  if (controls.length === 0) return
  const source = openModel(path)
  if (denoiserKind(source) !== 'unet') throw misfit(controls[0], `${name} cannot be drawn with under ControlNets`, [])
  const component = source.component('unet', [unet2DCondition.className])
  const unet = parseConfig(unet2DCondition, component.config, component.configPath)
  for (const control of controls) {
    const reason = misfitWith(control, unet)
    if (reason === undefined) continue
    const isPrompt = holdsIPAdapter(control)
    const fitting = candidates().filter(other => fits(other, unet) && holdsIPAdapter(other) === isPrompt)
    throw misfit(control, `it was made for another kind of model than ${name}: it ${reason}`, fitting)
  }
}

/** Why a ControlNet, a T2I-Adapter or an IP-Adapter cannot stand beside a UNet, in words that follow "It". */
function misfitWith(path: string, unet: UNetConfig): string | undefined {
  if (holdsIPAdapter(path)) return imagePromptMisfit(openIPAdapter(path), unet)
  if (holdsT2IAdapter(path)) {
    const { config, configPath } = openT2IAdapter(path)
    return adapterMisfit(parseConfig(t2iAdapter, config, configPath), unet)
  }
  const { config, configPath } = openControlNet(path)
  return misfitOf(parseConfig(controlNet, config, configPath), unet)
}

function fits(path: string, unet: UNetConfig): boolean {
  try {
    return misfitWith(path, unet) === undefined
  } catch {
    // One that cannot be opened is nothing to offer.
    return false
  }
}

function wordFor(path: string): string {
  if (holdsIPAdapter(path)) return 'IP-Adapter'
  return holdsT2IAdapter(path) ? 'T2I-Adapter' : 'ControlNet'
}

function misfit(path: string, reason: string, fitting: readonly string[]): Problem {
  const kind = wordFor(path)
  return new Problem('CONTROL_MISFIT', `The ${kind} ${basename(path)} does not fit: ${reason}.`, {
    hint:
      fitting.length === 0
        ? `No ${kind} of the library fits this model: choose another model, or add one that was made for it.`
        : `Choose ${fitting.map(each => basename(each)).join(' or ')}.`,
    details: { field: 'controls' },
  })
}
