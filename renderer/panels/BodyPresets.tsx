import { Box, Cone, Cylinder, Globe, Grid3x3 } from 'lucide-react'
import type { ComponentType } from 'react'
import { type BodyShape, bodyShapes } from '../../app/api/bodies.ts'
import { addBody } from '../canvas/actions/bodies.ts'
import { SHAPES } from '../canvas/Bodies.tsx'
import { t } from '../language/language.ts'
import { useTools } from '../state/tools.ts'

const ICONS: Readonly<Record<BodyShape, ComponentType<{ size: number; strokeWidth: number }>>> = {
  box: Box,
  ball: Globe,
  cylinder: Cylinder,
  cone: Cone,
  floor: Grid3x3,
}

/** Bodies to place, while their tool is in the hand: a click sets one into the middle of the frame. */
export function BodyPresets() {
  const shows = useTools(state => state.tool === 'bodies')
  if (!shows) return null
  return (
    <div
      className="float presets"
      role="toolbar"
      aria-label={t('Bodies to place')}
      data-scrolls
      data-testid="body-presets"
    >
      {bodyShapes.map(shape => {
        const Icon = ICONS[shape]
        return (
          <button
            key={shape}
            type="button"
            className="preset"
            onClick={() => addBody(shape)}
            data-testid={`add-${shape}`}
          >
            <Icon size={28} strokeWidth={1.25} />
            <span className="t12">{t(SHAPES[shape])}</span>
          </button>
        )
      })}
    </div>
  )
}
