import { Maximize, Minus, Plus } from 'lucide-react'
import { actualSize, fitView, useView, zoomBy } from '../canvas/view.ts'
import { Hint } from '../components/Hint.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { keyName } from '../state/shortcut.ts'

export function ZoomControl() {
  const percent = useView(state => Math.round(state.view.scale * 100))
  return (
    <section className="float view" aria-label="Zoom">
      <IconButton label="Zoom out" shortcut="-" onClick={() => zoomBy(1 / 1.1)}>
        <Minus size={16} strokeWidth={1.5} />
      </IconButton>
      <Hint name="Show at 100 %" shortcut={keyName('Shift+0')}>
        <button type="button" className="z num" onClick={actualSize} aria-label={`Zoom ${percent} %, show at 100 %`}>
          {percent} %
        </button>
      </Hint>
      <IconButton label="Zoom in" shortcut="+" onClick={() => zoomBy(1.1)}>
        <Plus size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label="Fit" shortcut={keyName('Shift+1')} onClick={fitView}>
        <Maximize size={16} strokeWidth={1.5} />
      </IconButton>
    </section>
  )
}
