// Landing
