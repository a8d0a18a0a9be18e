/** The parts of the window that F6 goes through, in the order of the page. Each carries `data-region`. */
export function nextRegion(backwards = false): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    region => region.offsetParent !== null,
  )
  if (regions.length === 0) return
  const active = document.activeElement
  const at = regions.findIndex(region => region.contains(active))
  const step = backwards ? -1 : 1
  const from = at === -1 && backwards ? 0 : at
  for (let tries = 1; tries <= regions.length; tries++) {
    const region = regions[(from + step * tries + regions.length * 2) % regions.length]
    if (region !== undefined && enter(region)) return
  }
}

const FOCUSABLE =
  'textarea:not([disabled]), input:not([disabled]):not([type=hidden]):not([type=file]), button:not([disabled]):not([tabindex="-1"]), a[href], [tabindex="0"]'

/** Puts the focus into a region: on what it names itself, or on the first thing that takes it. */
function enter(region: HTMLElement): boolean {
  const wished = region.querySelector<HTMLElement>('[data-region-focus]')
  const target = region.tabIndex >= 0 ? region : (wished ?? region.querySelector<HTMLElement>(FOCUSABLE))
  target?.focus()
  return target !== null && document.activeElement === target
}

export const focusRegion = (name: string): void => {
  const region = document.querySelector<HTMLElement>(`[data-region="${name}"]`)
  if (region !== null) enter(region)
}

export const focusPrompt = (): void => document.querySelector<HTMLElement>('#prompt')?.focus()
