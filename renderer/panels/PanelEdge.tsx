import { type PointerEvent, useState } from 'react'
import { t } from '../language/language.ts'
import { clampPanel, PANEL_MAXIMUM, PANEL_MINIMUM, useUi } from '../state/ui.ts'

const STEP = 16

/** The left edge of the panel: drag it or move it with the arrow keys; a double click gives the width back. */
export function PanelEdge() {
  const width = useUi(state => state.panelWidth)
  const [grip, setGrip] = useState<number>()
  const set = (next: number) => useUi.setState({ panelWidth: clampPanel(next) })
  const now = (edge: Element) => edge.parentElement?.offsetWidth ?? PANEL_MINIMUM
  const end = () => setGrip(undefined)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is a control, not a rule
    <div
      className="panel-edge"
      role="separator"
      tabIndex={0}
      aria-label={t('Width of the panel')}
      aria-orientation="vertical"
      aria-valuemin={PANEL_MINIMUM}
      aria-valuemax={PANEL_MAXIMUM}
      aria-valuenow={width ?? PANEL_MINIMUM}
      onDoubleClick={() => useUi.setState({ panelWidth: undefined })}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setGrip(event.clientX + now(event.currentTarget))
      }}
      onPointerMove={(event: PointerEvent) => grip !== undefined && set(grip - event.clientX)}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={event => {
        const step = event.key === 'ArrowLeft' ? STEP : event.key === 'ArrowRight' ? -STEP : 0
        if (step === 0) return
        event.preventDefault()
        set(now(event.currentTarget) + step)
      }}
    />
  )
}
