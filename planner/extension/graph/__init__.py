"""The graph of everything along which a line can be laid: built from the county, room by room.

`lanes` says where trenches can lie beside each road and `corners` how they meet at junctions;
`links` leads from the roadside to red lines and tie-ins, `taps` to existing lines, `poles` and
`tunnels` add ways without a trench, `obstacles` closes what may not be crossed. `survey` collects
what meets the roads, `cutting` cuts them there, `parts` makes the edges, `relief` lays them over
the terrain and `build` puts it all together.
"""
