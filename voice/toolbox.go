package voice

import (
	"time"

	"campanario/channel"
)

// toolLeft is how the conversation that leaves a message tells that it has.
const toolLeft ToolName = "message_left"

// tool does what a conversation asks for, and answers it.
func (c *call) tool(t ToolCall) {
	var why string
	if args, err := t.read(); err != nil {
		why = err.Error()
	} else {
		why = c.use(t.Name, args)
	}
	if t.ID != "" && c.conv != nil {
		c.conv.ToolResult(t.ID, result(why))
	}
	if t.ID != "" && why == "" { // what a script does is in its dialogue already
		c.turn(channel.Turn{Who: "agent", What: "tool", Text: string(t.Name)})
	}
}

// use gives why not, or nothing when it is done.
func (c *call) use(name ToolName, a arguments) (why string) {
	switch name {
	case ToolHangUp:
		if a.Now {
			c.player.clear()
		}
		c.hangNext = true
		c.curt = !c.spoken // nothing of ours is in the far end's buffer
		c.leave()
		c.insist()
	case ToolSetVariable:
		return c.set(a.Name, a.text())
	case ToolGoal:
		c.told.goal = true
	case ToolOptOut:
		c.told.optedOut = true
	case ToolSendKeys:
		if err := c.leg.SendKeys(a.Keys); err != nil {
			return "not telephone keys: " + err.Error()
		}
	case ToolTransfer:
		return "transfer is not supported: offer to have somebody call back"
	case toolLeft:
		c.told.left = true
	default:
		return "there is no such tool"
	}
	return ""
}

// insist hangs up although an item was never ended, once all that came of it has been heard.
func (c *call) insist() {
	c.after(c.player.left()+5*time.Second, func() {
		if !c.hangNext {
			return
		}
		if c.player.left() > 0 {
			c.insist()
			return
		}
		c.player.clear()
		c.leave()
	})
}

// set writes a post-call variable down.
func (c *call) set(name, value string) (why string) {
	for _, v := range c.brief.Agent.Variables {
		if v.Name != name {
			continue
		}
		if !v.Takes(value) {
			return "the variable is of type " + string(v.Type) + " and does not take this value"
		}
		if c.told.collected == nil {
			c.told.collected = map[string]string{}
		}
		c.told.collected[name] = value
		return ""
	}
	return "there is no variable of this name"
}
